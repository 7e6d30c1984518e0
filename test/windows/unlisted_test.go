// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"webshell/correlate"
)

// Names that the list of extensions does not cover are remembered from the alert on; what came before counts only
// where it was remembered under another name.
func TestUnlisted_lookBack(t *testing.T) {
	each(t, nil, func(t *testing.T, f feed) {
		for s, url := range []string{"/up/shell", "/up/logo.jpg", "/up/logo.jpg/x.php", "/up/shell.aspx"} {
			f.call(s, call{url: url})
			f.call(s+10, call{url: url})
		}
		f.alert(60, finding{id: "a1", file: "shell.aspx", dir: upFolder})
		f.alert(61, finding{id: "a2", file: "logo.jpg", dir: upFolder})
		for s, url := range []string{"/up/shell", "/up/logo.jpg", "/up/logo.jpg/x.php"} {
			f.call(s+120, call{url: url})
		}
		got := settle(t, f.engine(), 600)
		for url, want := range map[string]int64{"/up/shell": 1, "/up/logo.jpg": 1, "/up/logo.jpg/x.php": 3, "/up/shell.aspx": 2} {
			if d := got.of(url); d == nil || d.RequestCount != want {
				t.Errorf("%T: %s: %+v, want %d requests", f, url, d, want)
			}
		}
		if n := f.engine().Stats().Unlisted; n != 1 {
			t.Errorf("%T: %d unlisted, want 1", f, n)
		}
	})
}

// An unlisted name is remembered as long as the alert is active, and no longer.
func TestUnlisted_end(t *testing.T) {
	hour := func(o *correlate.Options) { o.AlertWindow = time.Hour }
	each(t, hour, func(t *testing.T, f feed) {
		f.call(0, call{url: "/home.aspx", ip: "198.51.100.1"})
		f.alert(1, finding{file: "x.txt", dir: upFolder})
		for _, s := range []int{60, 3590, 3700, 3800} {
			f.call(s, call{url: "/up/x.txt"})
		}
		if d := settle(t, f.engine(), 4000).of("/up/x.txt"); d == nil || d.RequestCount != 2 {
			t.Errorf("%T: got %+v, want the two requests of the hour", f, d)
		}
		f.call(4100, call{url: "/up/x.txt", ip: "198.51.100.2"})
		if got := settle(t, f.engine(), 4200); len(got) != 0 {
			t.Errorf("%T: after the end: %q", f, got.facts())
		}
	})
}

// maxUnlisted is SPEC section 2's bound of watched files that the list does not cover.
const maxUnlisted = 10_000

func TestUnlisted_bound(t *testing.T) {
	c := newEngine(t, func(o *correlate.Options) { o.MemoryLimit = 1 << 30 })
	d := &direct{c}
	d.call(0, call{url: "/home.aspx", ip: "198.51.100.1"})
	for i := range maxUnlisted + 500 {
		d.alert(1, finding{id: fmt.Sprint("a", i/4), file: fmt.Sprintf("x%d.txt", i), dir: upFolder})
	}
	d.alert(1, finding{id: "listed", file: "shell.aspx", dir: upFolder})
	for _, url := range []string{"/up/x0.txt", "/up/x9999.txt", "/up/x10000.txt", "/up/x10400.txt", "/up/shell.aspx"} {
		d.call(60, call{url: url})
	}
	want := []string{"/up/shell.aspx", "/up/x0.txt", "/up/x9999.txt"}
	if got := settle(t, c, 600).urls(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q: %d files are watched", got, want, maxUnlisted)
	}
	s := c.Stats()
	if s.Unlisted != maxUnlisted+500 {
		t.Errorf("%d counted as unlisted, want %d", s.Unlisted, maxUnlisted+500)
	}
	if n := s.Alerts[correlate.TooManyAlerts]; n < 500 {
		t.Errorf("%d counted as too many, want 500 or more", n)
	}
}

// A request for a watched unlisted name on another server is not remembered for the alert's host.
func TestUnlisted_otherHost(t *testing.T) {
	each(t, nil, func(t *testing.T, f feed) {
		f.call(0, call{url: "/home.aspx", host: "WEB02.contoso.com"})
		f.alert(1, finding{file: "x.txt", dir: upFolder, host: "web01.contoso.com"})
		f.call(2, call{url: "/up/x.txt", host: "WEB02.contoso.com"})
		if got := settle(t, f.engine(), 10); len(got) != 0 {
			t.Errorf("%T: got %q", f, got.facts())
		}
		f.call(20, call{url: "/up/x.txt"})
		want := strings.Join([]string{server, "/up/x.txt", "exact", partial, "medium"}, " | ")
		if got := settle(t, f.engine(), 30).facts(); !slices.Equal(got, []string{want}) {
			t.Errorf("%T: got %q, want %q", f, got, want)
		}
	})
}
