// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// noon is where the worlds below begin.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC).UnixNano()

// requestAt is a request that arrives as it is made, d after noon.
func requestAt(d time.Duration, host, stem, ip string) step {
	r := request{time: noon + int64(d)}
	for col, v := range []string{host, "W3SVC1", ip, stem, "curl/8.4.0", "GET", "200", "-", "-", "cmd=whoami"} {
		r.values[col] = []byte(v)
	}
	return step{kind: arriveRequest, at: r.time, request: r}
}

// alertAt is an alert's row that arrives as it is made, d after noon. An entity is a file or, with a colon in front, a host.
func alertAt(d time.Duration, id string, entities ...string) step {
	var list []string
	for _, e := range entities {
		if host, ok := strings.CutPrefix(e, ":"); ok {
			list = append(list, `{"Type":"host","HostName":`+quote(host)+`}`)
		} else {
			list = append(list, `{"Type":"file","Name":`+quote(e)+`}`)
		}
	}
	a := alertRow{time: noon + int64(d), provider: []byte("MDATP"), id: []byte(id), entities: []byte("[" + strings.Join(list, ",") + "]")}
	return step{kind: arriveAlert, at: a.time, alert: a}
}

// late has a step arrive that long after its record's time.
func late(by time.Duration, s step) step {
	s.at += int64(by)
	return s
}

// clients are n requests from as many addresses.
func clients(n int, host, stem string) (steps []step) {
	for i := range n {
		steps = append(steps, requestAt(time.Duration(i)*time.Millisecond, host, stem, fmt.Sprintf("192.0.2.%d", i)))
	}
	return steps
}

// Worlds whose rows at the end are worked out by hand: the rule and the engine are both held to them.
var handWorlds = []struct {
	name  string
	steps []step
	want  []string // Computer, ShellLocation, AttackerIP, RequestCount
}{
	{"file and host", []step{
		requestAt(0, "web01", "/up/shell.aspx", "203.0.113.7"),
		requestAt(time.Second, "web01", "/up/shell.aspx", "203.0.113.7"),
		requestAt(time.Second, "web02", "/up/shell.aspx", "203.0.113.7"),
		alertAt(time.Minute, "a", "shell.aspx", ":web01"),
	}, []string{"web01 /up/shell.aspx 203.0.113.7 2"}},
	{"case counts", []step{
		requestAt(0, "web01", "/Shell.aspx", "203.0.113.7"),
		requestAt(0, "WEB01", "/shell.aspx", "203.0.113.7"),
		requestAt(0, "web01", "/UP/shell.aspx", "203.0.113.7"),
		alertAt(time.Minute, "a", "shell.aspx", ":web01"),
	}, []string{"web01 /UP/shell.aspx 203.0.113.7 1"}},
	{"log window", []step{
		requestAt(0, "web01", "/shell.aspx", "203.0.113.7"),
		requestAt(100, "web01", "/shell.aspx", "203.0.113.8"),
		alertAt(time.Duration(logWindow), "a", "shell.aspx", ":web01"),
	}, []string{"web01 /shell.aspx 203.0.113.8 1"}},
	{"alert window ends", []step{
		requestAt(0, "web01", "/shell.aspx", "203.0.113.7"),
		alertAt(0, "a", "shell.aspx", ":web01"),
		requestAt(time.Hour, "web01", "/shell.aspx", "203.0.113.8"),
	}, nil},
	{"alert window", []step{
		requestAt(0, "web01", "/shell.aspx", "203.0.113.7"),
		alertAt(100, "a", "shell.aspx", ":web01"),
		requestAt(time.Hour, "web01", "/shell.aspx", "203.0.113.8"),
	}, []string{"web01 /shell.aspx 203.0.113.7 1", "web01 /shell.aspx 203.0.113.8 1"}},
	{"an alert that comes late", []step{
		requestAt(2*time.Hour, "web01", "/shell.aspx", "203.0.113.7"),
		late(time.Hour, alertAt(time.Hour, "a", "shell.aspx", ":web01")),
	}, nil},
	{"rows of one id join while both are active", []step{
		requestAt(0, "web01", "/shell.aspx", "203.0.113.7"),
		alertAt(time.Minute, "a", "shell.aspx"),
		alertAt(30*time.Minute, "a", ":web01"),
		requestAt(time.Hour, "web01", "/shell.aspx", "203.0.113.7"),
	}, []string{"web01 /shell.aspx 203.0.113.7 2"}},
	{"rows of one id, the older is over", []step{
		requestAt(0, "web01", "/shell.aspx", "203.0.113.7"),
		alertAt(time.Minute, "a", "shell.aspx"),
		alertAt(30*time.Minute, "a", ":web01"),
		requestAt(time.Hour+time.Minute, "web01", "/shell.aspx", "203.0.113.7"),
	}, nil},
	{"rows of two ids", []step{
		requestAt(0, "web01", "/shell.aspx", "203.0.113.7"),
		alertAt(time.Minute, "a", "shell.aspx"),
		alertAt(time.Minute, "A", ":web01"),
	}, nil},
	{"the 128th entity counts", []step{
		requestAt(0, "web01", "/shell.aspx", "203.0.113.7"),
		alertAt(time.Minute, "a", append(slices.Repeat([]string{"x.txt"}, 126), ":web01", "shell.aspx")...),
	}, []string{"web01 /shell.aspx 203.0.113.7 1"}},
	{"the 129th does not", []step{
		requestAt(0, "web01", "/shell.aspx", "203.0.113.7"),
		alertAt(time.Minute, "a", append(slices.Repeat([]string{"x.txt"}, 127), ":web01", "shell.aspx")...),
	}, nil},
	{"out of order, late", []step{
		requestAt(time.Hour, "web01", "/shell.aspx", "203.0.113.7"),
		alertAt(time.Hour, "a", "shell.aspx", ":web01"),
		late(25*time.Hour, requestAt(-24*time.Hour, "web01", "/shell.aspx", "203.0.113.7")),
		late(8*24*time.Hour, requestAt(-7*24*time.Hour, "web01", "/shell.aspx", "203.0.113.7")),
	}, []string{"web01 /shell.aspx 203.0.113.7 2"}},
	// What an alert says anew must not bring back what of it is over.
	{"news of an alert of which part is over", []step{
		requestAt(0, "web01", "/shell.aspx", "203.0.113.7"),
		alertAt(0, "a", "shell.aspx", ":web01"),
		alertAt(30*time.Minute, "a", "shell.aspx", ":web02"),
		requestAt(65*time.Minute, "web03", "/x.aspx", "203.0.113.7"),
		alertAt(70*time.Minute, "a", ":web03"),
	}, nil},
	// A look-back goes in steps; the clock may jump before the last one.
	{"many clients, then the alert is over", append(clients(200, "web01", "/shell.aspx"),
		alertAt(time.Minute, "a", "shell.aspx", ":web01"),
		requestAt(2*time.Hour, "web02", "/x.aspx", "203.0.113.7"),
	), nil},
}

func TestRule_byHand(t *testing.T) {
	t.Parallel()
	for _, w := range handWorlds {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			r, err := replayKQL(t, w.steps)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for k, row := range r.final {
				got = append(got, fmt.Sprintf("%s %s %s %d", k.computer, k.shell, k.attacker, row.count))
			}
			if slices.Sort(got); !slices.Equal(got, w.want) {
				t.Errorf("rule.sql gives %q, want %q", got, w.want)
			}
			if _, err := replayWindows(t, w.steps); err != nil {
				t.Errorf("matching windows: %v", err)
			}
		})
	}
}

// Under `matching windows` too a look-back that the clock overtakes is done to its end.
func TestRule_windowsClockJumps(t *testing.T) {
	t.Parallel()
	steps := append(clients(200, "web01", "/shell.aspx"),
		alertAt(time.Minute, "a", "shell.aspx", ":web01"),
		requestAt(10*24*time.Hour, "web02", "/x.aspx", "203.0.113.7"))
	if found, err := replayWindows(t, steps); err != nil || found != 200 {
		t.Errorf("%d rows looked for, want 200: %v", found, err)
	}
}

// rule.sql's has_any, by the examples of SPEC section 1 and FACTS section 7.
func TestRule_hasAny(t *testing.T) {
	t.Parallel()
	has := map[string]bool{
		"/app.js": true, "/app.js/x": true, "/app.js.map": true, "/A.JS": true, "/data.json": false, "/app.jsx": false,
		"/shell.php.txt": true, "/shell.php5": false, "/.js": true, "/js": false, "/x.jsx.js": true, "/x.aspx_bak": true, "/x.aspx1": false,
		"/x.aspxé": true, "/x.j\u017f": false, "": false, "/": false, "/x.asp": false, "/x.cfm?a": true, "/x.shtml": true, "/x.ASAX.": true,
	}
	for stem, want := range has {
		_, name, _ := strings.Cut(stem, "/")
		steps := []step{requestAt(0, "web01", stem, "203.0.113.7"), alertAt(time.Minute, "a", name, ":web01")}
		r, err := replayKQL(t, steps)
		if err != nil {
			t.Errorf("%q: %v", stem, err)
			continue
		}
		isLast := !strings.Contains(name, "/")
		if got := len(r.final) == 1; got != (want && isLast) {
			t.Errorf("%q: found %t, want %t", stem, got, want && isLast)
		}
	}
}
