// SPDX-License-Identifier: Apache-2.0

package correlate

import "webshell/correlate/script"

// Sites knows the folders that URLs mean; correlate/sitemap has the form that IIS and its products give.
type Sites interface {
	// Match compares a folder of a URL of a site with the folder of an alert's file; known is false where nothing is
	// known of either.
	Match(siteName, urlFolder string, t script.Target) (match script.PathMatch, known bool)
	// DefaultDocuments gives the names that IIS looks for when a URL ends in a slash; of any site for the name "".
	DefaultDocuments(siteName, urlFolder string) []string
}

// matchFolder compares the folder of a URL with that of an alert's file, by the map of the server that it is about.
func (c *Correlator) matchFolder(h *hostHistory, siteName, urlFolder string, t script.Target) script.PathMatch {
	for _, sites := range [2]Sites{c.sitesOf(h), c.opt.Products} {
		if sites == nil {
			continue
		}
		if p, known := sites.Match(siteName, urlFolder, t); known {
			return p
		}
	}
	return script.MatchFolder(urlFolder, t)
}

// sitesOf gives the site map where h is the server that it is about.
func (c *Correlator) sitesOf(h *hostHistory) Sites {
	if c.opt.Sites == nil || c.opt.Matching == KQL {
		return nil
	}
	if _, ok := c.computer.matches(h.parsed); !ok {
		return nil
	}
	return c.opt.Sites
}

// isDirectory tells whether a URL names a folder, whose default document IIS serves.
func isDirectory(urlStem []byte) bool { return len(urlStem) > 0 && urlStem[len(urlStem)-1] == '/' }

// directoryOf is the folder that a directory URL names.
func directoryOf(urlStem string) string { return urlStem[:max(len(urlStem)-1, 1)] }

// appendDocuments appends the default documents that a directory URL can call, scripts among them alone. The URL is
// read with each of them behind it, so that whatever else is to be undone is.
func (c *Correlator) appendDocuments(h *hostHistory, siteName string, urlStem []byte) {
	sites := c.sitesOf(h)
	if sites == nil || !isDirectory(urlStem) {
		return
	}
	for _, name := range sites.DefaultDocuments(siteName, directoryOf(string(urlStem))) {
		if len(c.readings) >= script.MaxReadings || !c.ext.MatchString(name) {
			continue
		}
		url := append(append(make([]byte, 0, len(urlStem)+len(name)), urlStem...), name...)
		c.documents = script.Readings(c.documents[:0], url, c.ext)
		for _, r := range c.documents {
			if string(r.Name) == name {
				r.By = r.By.With(script.DefaultDocument)
				c.readings = append(c.readings, r)
			}
		}
	}
}
