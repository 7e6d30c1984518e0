// SPDX-License-Identifier: Apache-2.0

package property

import (
	"strings"
	"time"
)

// property is one row of the table.
type property struct {
	key         string
	fallback    string // the default, as one would write it; "" for none
	kqlFallback string // the default under matching kql where it differs
	secret      bool   // never shown
	isLater     bool   // read and warned about: a later version makes something of it
	grammar     string // what a value looks like, for people
	doc         string // one line, for people
	set         setter
}

func (p property) defaultUnder(m Matching) string {
	if m == MatchKQL && p.kqlFallback != "" {
		return p.kqlFallback
	}
	return p.fallback
}

// Limits that keep a typing error from becoming an outage.
const (
	maxWindow      = 3650 * 24 * time.Hour // ten years of logs played back
	maxInterval    = 24 * time.Hour
	minMemoryLimit = 1 << 20 // less can't hold the first clients of one server's scripts
	maxMemoryLimit = 1 << 40
	minQueueLimit  = 64 << 10 // an ordinary detection has to fit; a larger one is counted as too large
	minRotateSize  = 4 << 10
)

const (
	ruleExtensions = ".php, .jsp, .js, .aspx, .asmx, .asax, .cfm, .shtml"
	moreExtensions = ".ashx, .asp, .asa, .cer, .cdx, .svc, .axd, .xamlx, .soap, .rem, .aspq, .cshtml, .vbhtml, " +
		".stm, .shtm, .php3, .php4, .php5, .php7, .pht, .phtml, .phar, .jspx, .jspf, .jsw, .jsv, .cfml, .cfc, .cgi, .pl, .dll, .exe"
)

// table lists every property in the order in which they are read and shown: matching first, since defaults hang on it.
func table() []property {
	var rows []property
	for _, part := range [][]property{recordRows(), windowRows(), boundRows(), windowsRows(), outputRows(), forwardRows(), tlsRows(), laterRows()} {
		rows = append(rows, part...)
	}
	return rows
}

func recordRows() []property {
	return []property{
		{
			key: "matching", fallback: string(MatchWindows), grammar: "`windows`, `kql`",
			doc: "How URLs, files and hosts are compared: as a Windows web server does, or as the Sentinel rule does to the letter.",
			set: word(func(c *Config) *Matching { return &c.Matching }, MatchWindows, MatchKQL),
		},
		{
			key: "script_extensions", fallback: ruleExtensions + ", " + moreExtensions, kqlFallback: ruleExtensions, grammar: "list of extensions",
			doc: "Which requests are remembered: the extension stands in the URL as a term.", set: setExtensions,
		},
		{
			key: "alert_tag", fallback: "alert.*", grammar: "tag, `*` for any text",
			doc: "Records with such a tag are alerts, all others are IIS requests.",
			set: name("a tag without blanks", func(c *Config) *string { return &c.AlertTag }),
		},
		{
			key: "alert_providers", fallback: "MDATP", grammar: "list of names, or `*`",
			doc: "Providers whose alerts count, case-sensitive: Sentinel rows, and plain alerts that name one.", set: setProviders,
		},
		{
			key: "log_key", fallback: "log", grammar: "key",
			doc: "Where a record holds its raw line or JSON text.", set: key(func(c *Config) *string { return &c.LogKey }),
		},
		{
			key: "path_key", fallback: "path", grammar: "key",
			doc: "Where a record holds its file's path: the same value as `tail` has.", set: key(func(c *Config) *string { return &c.PathKey }),
		},
		{
			key: "offset_key", grammar: "key",
			doc: "Where a record holds its line's offset in the file: the same value as `tail` has. Needed to count a line once when it comes twice.",
			set: key(func(c *Config) *string { return &c.OffsetKey }),
		},
		{
			key: "fields", grammar: "columns as in `#Fields:`",
			doc: "Columns of lines whose `#Fields:` was never seen; without it IIS's default columns are tried.", set: setFields,
		},
		{
			key: "host_key", grammar: "key",
			doc: "Where a record holds its host's name, when the log line has no `s-computername` and the record no `Computer`.",
			set: key(func(c *Config) *string { return &c.HostKey }),
		},
		{
			key: "computer_name", grammar: "host name",
			doc: "Host of requests that name none; without it this machine's name.",
			set: name("a host name", func(c *Config) *string { return &c.ComputerName }),
		},
	}
}

func windowRows() []property {
	return []property{
		{
			key: "log_window", fallback: "7d", grammar: "duration",
			doc: "How far an alert looks back over requests.",
			set: duration(time.Second, maxWindow, func(c *Config) *time.Duration { return &c.LogWindow }),
		},
		{
			key: "alert_window", fallback: "7d", kqlFallback: "1h", grammar: "duration",
			doc: "How long an alert stays active for requests that come later.",
			set: duration(time.Second, maxWindow, func(c *Config) *time.Duration { return &c.AlertWindow }),
		},
		{
			key: "update_interval", fallback: "60s", grammar: "duration",
			doc: "A detection that was sent is sent again with what is new at most this often; 0 sends every change.",
			set: duration(0, maxInterval, func(c *Config) *time.Duration { return &c.UpdateInterval }),
		},
		{
			key: "alert_detections", fallback: "1000", grammar: "1 to 1000000",
			doc: "Detections that one alert may give, under `windows`.",
			set: integer(1, 1_000_000, func(c *Config) *int { return &c.AlertDetections }),
		},
		{
			key: "evidence_requests", fallback: "20", grammar: "0 to 1000",
			doc: "Requests that a detection shows whole.",
			set: integer(0, 1000, func(c *Config) *int { return &c.EvidenceRequests }),
		},
	}
}

func boundRows() []property {
	return []property{
		{
			key: "memory_limit", fallback: "64M", grammar: "size",
			doc: "Bound on everything that is remembered, all hosts together.",
			set: size(minMemoryLimit, maxMemoryLimit, func(c *Config) *int64 { return &c.MemoryLimit }),
		},
		{
			key: "set_limit", fallback: "64", grammar: "1 to 65536",
			doc: "Distinct values kept of each column of a detection, under `windows`.",
			set: integer(1, 1<<16, func(c *Config) *int { return &c.SetLimit }),
		},
	}
}

func windowsRows() []property {
	return []property{
		{
			key: "iis_config", grammar: "path",
			doc: "`applicationHost.config`, from which URLs are mapped to files, under `windows`.", set: text(func(c *Config) *string { return &c.IISConfig }),
		},
		{
			key: "path_match", fallback: string(PathAny), grammar: "`any`, `partial`, `full`",
			doc: "How far the folders of URL and alert must agree for a detection to be reported, under `windows`.",
			set: word(func(c *Config) *PathMatch { return &c.PathMatch }, PathAny, PathPartial, PathFull),
		},
		{
			key: "client_ip_field", grammar: "column",
			doc: "Column that names the client when the server stands behind a proxy, such as `X-Forwarded-For`.",
			set: name("a column's name", func(c *Config) *string { return &c.ClientIPField }),
		},
		{
			key: "trusted_proxies", grammar: "list of addresses and networks",
			doc: "Addresses in `client_ip_field` that are proxies and not the client.", set: setTrustedProxies,
		},
	}
}

func outputRows() []property {
	return []property{
		{
			key: "format", fallback: string(FormatSentinel), grammar: "`sentinel`, `ecs`, `ocsf`, `asim`",
			doc: "Shape of the detections that leave.",
			set: word(func(c *Config) *Format { return &c.Format }, FormatSentinel, FormatECS, FormatOCSF, FormatASIM),
		},
		{
			key: "report_unmatched", fallback: "off", grammar: "boolean",
			doc: "Also report an alert whose file nobody was seen to request, under `windows`.", set: boolean(func(c *Config) *bool { return &c.ReportUnmatched }),
		},
		{
			key: "output", fallback: "stdout", grammar: "list of `stdout`, `file`, `forward`",
			doc: "Where detections go.", set: setOutput,
		},
		{
			key: "file_path", grammar: "path",
			doc: "File of output `file`, one JSON object a line.", set: text(func(c *Config) *string { return &c.FilePath }),
		},
		{
			key: "file_rotate_size", fallback: "10M", grammar: "size",
			doc: "Size at which that file is rotated; 0 never does.", set: setRotateSize,
		},
		{
			key: "file_rotate_count", fallback: "5", grammar: "1 to 1000",
			doc: "Rotated files that are kept.", set: integer(1, 1000, func(c *Config) *int { return &c.FileRotateCount }),
		},
		{
			key: "queue_limit", fallback: "64M", grammar: "size",
			doc: "Bound on the detections that wait for their acknowledgement.",
			set: size(minQueueLimit, maxMemoryLimit, func(c *Config) *int64 { return &c.QueueLimit }),
		},
	}
}

func forwardRows() []property {
	return []property{
		{
			key: "forward_host", fallback: "127.0.0.1", grammar: "list of hosts, `host:port` allowed",
			doc: "Receivers of output `forward`, in order of preference.", set: setReceivers,
		},
		{
			key: "forward_port", fallback: "24224", grammar: "1 to 65535",
			doc: "Port of receivers that name none.", set: setForwardPort,
		},
		{
			key: "forward_unix_path", grammar: "path",
			doc: "Unix socket to use instead of `forward_host`.", set: text(func(c *Config) *string { return &c.Forward.UnixPath }),
		},
		{
			key: "forward_tag", fallback: "webshell.detection", grammar: "tag",
			doc: "Tag of forwarded detections.", set: name("a tag without blanks", func(c *Config) *string { return &c.Forward.Tag }),
		},
		{
			key: "forward_shared_key", secret: true, grammar: "text",
			doc: "Key that the receiver shares.", set: text(func(c *Config) *string { return &c.Forward.SharedKey }),
		},
		{
			key: "forward_self_hostname", grammar: "host name",
			doc: "Name to give in the handshake; without it this machine's.",
			set: name("a host name", func(c *Config) *string { return &c.Forward.SelfHostname }),
		},
		{
			key: "forward_username", grammar: "text",
			doc: "User, where the receiver asks for one.", set: short("a user name", func(c *Config) *string { return &c.Forward.Username }),
		},
		{
			key: "forward_password", secret: true, grammar: "text",
			doc: "That user's password.", set: text(func(c *Config) *string { return &c.Forward.Password }),
		},
		{
			key: "forward_compress", fallback: "gzip", grammar: "`gzip`, `none`",
			doc: "How forwarded detections are compressed.", set: setCompress,
		},
	}
}

func tlsRows() []property {
	return []property{
		{
			key: "forward_tls", fallback: "off", grammar: "boolean",
			doc: "Encrypt.", set: boolean(func(c *Config) *bool { return &c.Forward.TLS.On }),
		},
		{
			key: "forward_tls_verify", fallback: "on", grammar: "boolean",
			doc: "Check the receiver's certificate.", set: boolean(func(c *Config) *bool { return &c.Forward.TLS.Verify }),
		},
		{
			key: "forward_tls_ca_file", grammar: "path",
			doc: "Certificates to trust; without it the system's.", set: text(func(c *Config) *string { return &c.Forward.TLS.CAFile }),
		},
		{
			key: "forward_tls_crt_file", grammar: "path",
			doc: "Certificate to show.", set: text(func(c *Config) *string { return &c.Forward.TLS.CertFile }),
		},
		{
			key: "forward_tls_key_file", grammar: "path",
			doc: "That certificate's key.", set: text(func(c *Config) *string { return &c.Forward.TLS.KeyFile }),
		},
		{
			key: "forward_tls_key_passwd", secret: true, grammar: "text",
			doc: "Password of that key.", set: text(func(c *Config) *string { return &c.Forward.TLS.KeyPasswd }),
		},
		{
			key: "forward_tls_vhost", grammar: "host name",
			doc: "Name expected in the receiver's certificate; without it the receiver's host.",
			set: name("a host name", func(c *Config) *string { return &c.Forward.TLS.ServerName }),
		},
	}
}

// laterRows are properties of the contract that nothing is made of yet, whatever their value.
func laterRows() []property {
	const none = "**No effect in this version.** "
	rows := []property{
		{key: "state_dir", grammar: "path", doc: none + "Folder in which what is remembered outlives a restart."},
		{key: "sync_interval", grammar: "duration", doc: none + "How much of it may be lost when the power is."},
		{key: "gap_fill", grammar: "boolean", doc: none + "Read what the files have and the input left out."},
		{key: "gap_delay", grammar: "duration", doc: none + "How long what is left out may still come."},
		{key: "rescan_path", grammar: "path, with `*`", doc: none + "Log files that an alert is looked up in as well."},
		{key: "rescan_rate", grammar: "size", doc: none + "How much of them is read in a second."},
		{key: "metrics_listen", grammar: "address", doc: none + "Where counters are served."},
	}
	for i := range rows {
		rows[i].isLater, rows[i].set = true, func(*Config, string) string { return "" }
	}
	return rows
}

// Keys lists the properties in the table's order.
func Keys() []string {
	var keys []string
	for _, p := range table() {
		keys = append(keys, p.key)
	}
	return keys
}

// Table is the Markdown table of all properties, for the README.
func Table() string {
	var b strings.Builder
	b.WriteString("| Property | Default | Values | What it does |\n|---|---|---|---|\n")
	for _, p := range table() {
		b.WriteString("| `" + p.key + "` | " + p.shownDefault() + " | " + p.grammar + " | " + p.doc + " |\n")
	}
	return b.String()
}

func (p property) shownDefault() string {
	switch {
	case p.fallback == "":
		return ""
	case p.kqlFallback == "":
		return "`" + p.fallback + "`"
	default:
		return "`" + p.fallback + "`; under `kql` `" + p.kqlFallback + "`"
	}
}
