// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"database/sql"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the embedded engine, pure Go
)

var (
	//go:embed schema.sql
	schemaSQL string
	//go:embed rule.sql
	ruleSQL string
)

// key is what makes a row of the rule one.
type key struct{ computer, site, shell, attacker string }

// row is a row of the rule: times in nanoseconds, sets sorted by bytes.
type row struct {
	key
	count, start, end int64
	sets              [setCount][]string
}

// The sets of a row, in the order in which rule.sql selects them.
const (
	userAgents = iota
	methods
	statusCodes
	cookies
	referers
	queryStrings
	setCount
)

var setNames = [setCount]string{"RequestUserAgents", "ReqestMethods", "RequestStatusCodes", "RequestCookies", "RequestReferers", "RequestQueryStrings"}

func (r row) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Computer=%q SiteName=%q ShellLocation=%q AttackerIP=%q RequestCount=%d StartTime=%s EndTime=%s",
		r.computer, r.site, r.shell, r.attacker, r.count, clock(r.start), clock(r.end))
	for i, set := range r.sets {
		fmt.Fprintf(&b, " %s=%.120q", setNames[i], set)
	}
	return b.String()
}

// isSame compares all columns.
func (r row) isSame(o row) bool {
	for i := range r.sets {
		if !slices.Equal(r.sets[i], o.sets[i]) {
			return false
		}
	}
	return r.key == o.key && r.count == o.count && r.start == o.start && r.end == o.end
}

// sentinel is a workspace: the two tables and the rule over them.
type sentinel struct {
	db                   *sql.DB
	t                    testing.TB
	all, one, ending     *sql.Stmt
	addAlert, addRequest *sql.Stmt
}

// onlyKey narrows the rule to one row, so that it need not read the whole table for it.
const onlyKey = `AND COALESCE(csUriStem, '') = :shell AND COALESCE(cIP, '') = :attacker
	AND COALESCE(sSiteName, '') = :site AND COALESCE(sComputerName, '') = :computer`

func newSentinel(t testing.TB) *sentinel {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // each connection would have tables of its own
	if _, err := db.Exec(schemaSQL); err != nil {
		t.Fatalf("schema.sql: %v", err)
	}
	prepare := func(text string) *sql.Stmt {
		s, err := db.Prepare(text)
		if err != nil {
			t.Fatalf("prepare %s: %v", text, err)
		}
		return s
	}
	return &sentinel{
		db:         db,
		t:          t,
		all:        prepare(strings.ReplaceAll(ruleSQL, "/*only*/", "")),
		one:        prepare(strings.ReplaceAll(ruleSQL, "/*only*/", onlyKey)),
		ending:     prepare(`SELECT count(*) FROM SecurityAlert WHERE TimeGenerated > ? - 3600000000000 AND TimeGenerated <= ? - 3600000000000`),
		addAlert:   prepare(`INSERT INTO SecurityAlert VALUES (?, ?, ?, ?)`),
		addRequest: prepare(`INSERT INTO W3CIISLog VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
	}
}

func (s *sentinel) close() { _ = s.db.Close() }

func (s *sentinel) insert(st *sql.Stmt, values ...any) {
	s.t.Helper()
	if _, err := st.Exec(values...); err != nil {
		s.t.Fatalf("insert: %v", err)
	}
}

// alert adds a row of SecurityAlert.
func (s *sentinel) alert(a *alertRow) {
	s.insert(s.addAlert, a.time, column(a.provider), column(a.id), column(a.entities))
}

// request adds a row of W3CIISLog.
func (s *sentinel) request(r *request) {
	values := []any{r.time}
	for _, v := range r.values {
		values = append(values, column(v))
	}
	s.insert(s.addRequest, values...)
}

// column is a value as SQL has it, NULL where it is absent.
func column(v []byte) any {
	if v == nil {
		return nil
	}
	return string(v)
}

// rows gives the rule's rows at now.
func (s *sentinel) rows(now int64) map[key]row {
	s.t.Helper()
	rows := map[key]row{}
	for _, r := range s.query(s.all, sql.Named("now", now)) {
		if _, twice := rows[r.key]; twice {
			s.t.Fatalf("rule.sql gives two rows of %+v", r.key)
		}
		rows[r.key] = r
	}
	return rows
}

// row gives the rule's row of k at now, if there is one.
func (s *sentinel) row(now int64, k key) (row, bool) {
	s.t.Helper()
	rows := s.query(s.one, sql.Named("now", now), sql.Named("computer", k.computer), sql.Named("site", k.site),
		sql.Named("shell", k.shell), sql.Named("attacker", k.attacker))
	if len(rows) == 0 {
		return row{}, false
	}
	return rows[0], true
}

func (s *sentinel) query(st *sql.Stmt, args ...any) (rows []row) {
	s.t.Helper()
	found, err := st.Query(args...)
	if err != nil {
		s.t.Fatalf("rule.sql: %v", err)
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		var r row
		var sets [setCount]sql.NullString
		into := []any{&r.computer, &r.site, &r.shell, &r.attacker, &r.count, &r.start, &r.end}
		for i := range sets {
			into = append(into, &sets[i])
		}
		if err := found.Scan(into...); err != nil {
			s.t.Fatalf("rule.sql: %v", err)
		}
		for i := range sets {
			r.sets[i] = s.members(sets[i])
		}
		rows = append(rows, r)
	}
	if err := found.Err(); err != nil {
		s.t.Fatalf("rule.sql: %v", err)
	}
	return rows
}

// members takes a set apart.
func (s *sentinel) members(set sql.NullString) []string {
	if !set.Valid {
		return nil
	}
	var out []string
	for _, h := range strings.Split(set.String, ",") {
		b, err := hex.DecodeString(h)
		if err != nil {
			s.t.Fatalf("rule.sql gives a set %q: %v", set.String, err)
		}
		out = append(out, string(b))
	}
	slices.Sort(out)
	return out
}

// endsAlert tells whether a clock that goes from one instant to the other ends any alert.
func (s *sentinel) endsAlert(from, to int64) bool {
	s.t.Helper()
	var n int
	if err := s.ending.QueryRow(from, to).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n > 0
}
