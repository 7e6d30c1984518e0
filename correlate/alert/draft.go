// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strings"

	"webshell/correlate"
)

// Limits of one alert under `matching windows`. The largest alerts seen in public samples have some hundred entities.
const (
	MaxEntities = 4096 // members of an entity list that are looked at; the rest is counted in TruncatedRows
	MaxFiles    = 1024
	MaxHosts    = 256
	maxHashes   = 16 // hashes of a file: there are four algorithms
)

// draft is an alert in the making: its lists hold nothing twice, and what it holds it owns.
type draft struct {
	*correlate.Alert
	p     *pass
	hosts map[correlate.HostEntity]int
	files map[fileKey]int
	large bool // a value was too large; counted once an alert
}

// fileKey is what makes two files of an alert one.
type fileKey struct {
	name, directory string
	host            int
}

func (p *pass) draft(shape correlate.Shape) *draft {
	return &draft{
		Alert: &correlate.Alert{Shape: shape},
		p:     p,
		hosts: map[correlate.HostEntity]int{},
		files: map[fileKey]int{},
	}
}

// setID takes an id. One over MaxID becomes its SHA-256.
func (d *draft) setID(id string) {
	if len(id) > MaxID {
		sum := sha256.Sum256([]byte(id))
		id = hex.EncodeToString(sum[:])
	}
	d.ID = strings.Clone(id)
}

// setTime takes the time of m under keys. It reports whether the alert may go on.
func (d *draft) setTime(m map[string]any, keys ...string) bool {
	t, ok := when(m, keys...)
	if !ok {
		d.p.out.refuse(BadTime)
		return false
	}
	d.Time = t
	return true
}

// addHost adds h and returns its place, NoHost when h names nothing or there is no room.
func (d *draft) addHost(h correlate.HostEntity) int {
	if h.HostName == "" && h.DeviceID == "" {
		return correlate.NoHost
	}
	if !d.fits(true, h.HostName, h.DNSDomain, h.NTDomain, h.DeviceID) {
		return correlate.NoHost
	}
	listed := h.Listed
	h.Listed = false
	at, known := d.hosts[h]
	if !known {
		if !d.fits(len(d.Hosts) < MaxHosts) {
			return correlate.NoHost
		}
		at = len(d.Hosts)
		h = ownHost(h)
		d.hosts[h] = at
		d.Hosts = append(d.Hosts, h)
	}
	d.Hosts[at].Listed = d.Hosts[at].Listed || listed
	return at
}

func ownHost(h correlate.HostEntity) correlate.HostEntity {
	h.HostName = strings.Clone(h.HostName)
	h.DNSDomain = strings.Clone(h.DNSDomain)
	h.NTDomain = strings.Clone(h.NTDomain)
	h.DeviceID = strings.Clone(h.DeviceID)
	return h
}

// addFile adds f, or what is new of it to the same file. A file without a name is none.
func (d *draft) addFile(f correlate.FileEntity) {
	if f.Name == "" || !d.fits(true, f.Name, f.Directory) {
		return
	}
	key := fileKey{f.Name, f.Directory, f.Host}
	at, known := d.files[key]
	if !known {
		if !d.fits(len(d.Files) < MaxFiles) {
			return
		}
		at = len(d.Files)
		key.name, key.directory = strings.Clone(f.Name), strings.Clone(f.Directory)
		d.files[key] = at
		d.Files = append(d.Files, correlate.FileEntity{Name: key.name, Directory: key.directory, Host: f.Host})
	}
	have := &d.Files[at]
	have.Listed = have.Listed || f.Listed
	if have.Remediation == "" {
		have.Remediation = cutNote(f.Remediation)
	}
	for _, h := range f.Hashes {
		have.Hashes = addText(have.Hashes, h, maxHashes)
	}
}

// fits reports whether there is room and no text is over MaxName; else it counts that.
func (d *draft) fits(room bool, texts ...string) bool {
	for _, s := range texts {
		room = room && len(s) <= MaxName
	}
	if !room && !d.large {
		d.large = true
		d.p.out.refuse(TooLarge)
	}
	return room
}

// text is s, or "" when it is over MaxName, which is counted.
func (d *draft) text(s string) string {
	if !d.fits(true, s) {
		return ""
	}
	return s
}

// name is first, as text.
func (d *draft) name(m map[string]any, keys ...string) string { return d.text(first(m, keys...)) }

// addText adds s to a short list that holds nothing twice.
func addText(list []string, s string, limit int) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	if len(list) >= limit || s == "" {
		return list
	}
	return append(list, s)
}

// hashText is a hash as correlate.FileEntity holds it: "SHA256:...". An algorithm that is not named is told by the
// length of the value.
func hashText(algorithm, value string) string {
	if value == "" || len(value) > maxHash || len(algorithm) > maxHash {
		return ""
	}
	if algorithm == "" {
		algorithm = map[int]string{32: "MD5", 40: "SHA1", 64: "SHA256", 128: "SHA512"}[len(value)]
	}
	algorithm = strings.ReplaceAll(strings.ToUpper(algorithm), "-", "")
	if algorithm == "" {
		return ""
	}
	return algorithm + ":" + value
}

// emit completes the alert and hands it on. One that says nothing is refused: no file, no host, and no end of a watch.
func (d *draft) emit() {
	if len(d.Files)+len(d.Hosts) == 0 && d.Status == correlate.StatusActive {
		d.refuseNoFile()
		return
	}
	d.send()
}

// refuseNoFile counts an alert that names nothing to look for. The clock counts its time all the same.
func (d *draft) refuseNoFile() {
	d.p.out.refuse(NoFile)
	d.p.passInstant(d.Time)
}

func (d *draft) send() {
	if d.Time == 0 {
		d.Time, d.IsUndated = d.p.eventTime, true
	}
	d.p.out.Alerts++
	d.p.emit(d.Alert)
}

// deriveID gives an alert without an id one that is the same whenever the record is read again: the first 16 bytes,
// in hex, of a SHA-256 over shape, its own time, title, files and hosts, each text behind its length. The event's
// timestamp is not part of it: a feed that repeats an alert repeats its id.
func (d *draft) deriveID() {
	if d.ID != "" {
		return
	}
	h := sha256.New()
	hashNumber(h, int64(d.Shape))
	hashNumber(h, int64(d.Time))
	hashTexts(h, d.Title)
	for _, f := range d.Files {
		hashTexts(h, f.Name, f.Directory)
		hashNumber(h, int64(f.Host))
	}
	for _, host := range d.Hosts {
		hashTexts(h, host.HostName, host.DNSDomain, host.NTDomain, host.DeviceID)
	}
	d.ID = hex.EncodeToString(h.Sum(nil)[:16])
}

func hashNumber(h hash.Hash, n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}

// hashTexts writes each text behind its length.
func hashTexts(h hash.Hash, texts ...string) {
	for _, s := range texts {
		hashNumber(h, int64(len(s)))
		h.Write([]byte(s))
	}
}
