// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// defaultColumns are what IIS 10 logs out of the box; allColumns is every standard column, in IIS's order.
const (
	defaultColumns = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip " +
		"cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken"
	allColumns = "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip " +
		"cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host " +
		"sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken"
)

// log is one log file: the requests of a site from one moment to another, with a new header at each change.
type log struct {
	path     string
	site     int
	from, to time.Time
	headers  []header
}

// header is a "#" block: it stands before the first request at or after its time.
type header struct {
	at      time.Time
	columns string
}

// logs returns the files of the story. Site 1 gets more columns in the middle of Monday's file.
func logs() []log {
	return []log{
		{"W3SVC1/u_ex260301.log", 1, on(1, "00:00:00"), on(2, "00:00:00"), []header{{on(1, "00:04:11"), defaultColumns}}},
		{"W3SVC1/u_ex260302.log", 1, on(2, "00:00:00"), on(3, "00:00:00"), []header{
			{on(2, "00:10:02"), defaultColumns}, {columnsChanged, allColumns},
		}},
		{"W3SVC1/u_ex260303.log", 1, on(3, "00:00:00"), on(4, "00:00:00"), []header{{on(3, "00:00:35"), allColumns}}},
		{"W3SVC2/u_ex260302.log", 2, on(2, "00:00:00"), on(3, "00:00:00"), []header{{on(2, "06:58:20"), allColumns}}},
	}
}

// columnsChanged is when the administrator of WEB01 switched on all columns.
var columnsChanged = on(2, "08:31:07")

// render returns the file's bytes: CRLF line ends, the last line included.
func (l log) render(all []request) []byte {
	var out bytes.Buffer
	headers, columns := l.headers, []string(nil)
	for _, r := range all {
		if r.site != l.site || r.at.Before(l.from) || !r.at.Before(l.to) {
			continue
		}
		for len(headers) > 0 && (columns == nil || !r.at.Before(headers[0].at)) {
			columns = strings.Fields(headers[0].columns)
			headers[0].render(&out)
			headers = headers[1:]
		}
		out.WriteString(r.line(columns) + "\r\n")
	}
	return out.Bytes()
}

func (h header) render(out *bytes.Buffer) {
	fmt.Fprintf(out, "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: %s\r\n#Fields: %s\r\n",
		h.at.Format(time.DateTime), h.columns)
}

func (r request) line(columns []string) string {
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i] = r.value(c)
		if values[i] == "" {
			values[i] = absent
		}
	}
	return strings.Join(values, " ")
}

// value is the logged form of one column: blanks inside a value become "+".
func (r request) value(column string) string {
	text := map[string]string{
		"date": r.at.Format(time.DateOnly), "time": r.at.Format(time.TimeOnly),
		"s-sitename": siteName(r.site), "s-computername": computer, "s-ip": server, "s-port": r.port,
		"cs-method": r.method, "cs-uri-stem": r.stem, "cs-uri-query": r.query, "cs-username": r.user, "c-ip": r.client,
		"cs-version": "HTTP/1.1", "cs(User-Agent)": r.agent, "cs(Cookie)": r.cookie, "cs(Referer)": r.referer,
		"cs-host": r.host,
	}
	if v, ok := text[column]; ok {
		return strings.ReplaceAll(v, " ", "+")
	}
	number := map[string]int{
		"sc-status": r.status, "sc-substatus": r.sub, "sc-win32-status": r.win32,
		"sc-bytes": r.sent, "cs-bytes": r.received, "time-taken": r.takenMS,
	}
	v, ok := number[column]
	if !ok {
		panic("BUG: no column " + column)
	}
	return strconv.Itoa(v)
}
