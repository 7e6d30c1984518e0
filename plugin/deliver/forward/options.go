// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Defaults of SPEC section 6.
const (
	DefaultHost = "127.0.0.1"
	DefaultPort = 24224
	DefaultTag  = "webshell.detection"
)

// Limits of what is configured.
const (
	maxHosts = 64  // receivers in order of preference; each may cost a dial before a chunk leaves
	maxText  = 255 // bytes of a tag, host name, user name; receivers read a PING of up to 1023
	maxPort  = 1<<16 - 1
)

// Deadlines. All are on whole steps, so that a receiver that sends a byte now and then gains nothing.
const (
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second // TLS, and again HELO, PING and PONG
	writeTimeout     = 30 * time.Second // one chunk, at most 1 MiB by the queue's batch
	ackTimeout       = 60 * time.Second // a receiver may write to disk first; shorter means more duplicates
)

// How long a receiver that failed is passed over while another one works.
const (
	minPenalty = 10 * time.Second
	maxPenalty = 5 * time.Minute
)

// Options says where the receivers are and what they ask for. Property names are the plugin's.
type Options struct {
	Hosts    []string // forward_host: in order of preference, "host" or "host:port"; none stands for DefaultHost
	Port     int      // forward_port: of hosts without one; 0 stands for DefaultPort
	UnixPath string   // forward_unix_path: a socket in place of hosts
	Tag      string   // forward_tag: "" stands for DefaultTag

	SharedKey    string // forward_shared_key: with it, or with Username, the handshake is made
	SelfHostname string // forward_self_hostname: our name in it; "" stands for the machine's
	Username     string // forward_username
	Password     string // forward_password

	Compress string // forward_compress: "gzip", "" or "off"
	TLS      TLSOptions

	// Dial makes the network connections; nil stands for the system's network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// withDefaults fills in what is not set.
func (o Options) withDefaults() Options {
	if len(o.Hosts) == 0 {
		o.Hosts = []string{DefaultHost}
	}
	if o.Port == 0 {
		o.Port = DefaultPort
	}
	if o.Tag == "" {
		o.Tag = DefaultTag
	}
	if o.SelfHostname == "" {
		o.SelfHostname, _ = os.Hostname()
	}
	if o.SelfHostname == "" {
		o.SelfHostname = "localhost" // as Fluent Bit calls itself
	}
	if o.Compress == "off" {
		o.Compress = ""
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	return o
}

// Validate names every property that is wrong. It reads the files of TLS.
func (o *Options) Validate() error {
	d := o.withDefaults()
	_, err := d.validate()
	return err
}

// validate returns the receivers in order of preference.
func (o *Options) validate() ([]address, error) {
	addresses, errs := o.addresses()
	if o.Port < 1 || o.Port > maxPort {
		errs = append(errs, fmt.Errorf("forward_port %d: want 1 to %d", o.Port, maxPort))
	}
	for _, p := range []struct{ name, value string }{
		{"forward_tag", o.Tag}, {"forward_self_hostname", o.SelfHostname}, {"forward_username", o.Username},
	} {
		if len(p.value) > maxText {
			errs = append(errs, fmt.Errorf("%s of %d bytes: want %d at most", p.name, len(p.value), maxText))
		}
	}
	if o.Compress != "" && o.Compress != "gzip" {
		errs = append(errs, fmt.Errorf("forward_compress %q: want gzip or off", o.Compress))
	}
	if o.Password != "" && o.Username == "" {
		errs = append(errs, errors.New(`forward_username "": want a name, as forward_password is set`))
	}
	return addresses, errors.Join(append(errs, o.TLS.validate(o.UnixPath))...)
}

// address is where one receiver listens.
type address struct {
	network string // "tcp" or "unix"
	dial    string // "host:port" or a path
	host    string // to be found in the certificate
}

// addresses returns the receivers.
func (o *Options) addresses() ([]address, []error) {
	if o.UnixPath != "" {
		return []address{{network: "unix", dial: o.UnixPath, host: "localhost"}}, nil
	}
	if len(o.Hosts) > maxHosts {
		return nil, []error{fmt.Errorf("forward_host with %d hosts: want %d at most", len(o.Hosts), maxHosts)}
	}
	var as []address
	var errs []error
	for _, h := range o.Hosts {
		host, port, err := splitHost(h, o.Port)
		if err != nil {
			errs = append(errs, fmt.Errorf("forward_host %q: %w", h, err))
			continue
		}
		as = append(as, address{network: "tcp", dial: net.JoinHostPort(host, strconv.Itoa(port)), host: host})
	}
	return as, errs
}

// splitHost cuts "host:port", "[address]:port", "host" and "address", IPv6 among them.
func splitHost(s string, defaultPort int) (host string, port int, err error) {
	if strings.Count(s, ":") > 1 && !strings.HasPrefix(s, "[") {
		s = "[" + s + "]" // an IPv6 address without a port
	}
	host, digits, err := net.SplitHostPort(s)
	if err != nil {
		host, digits, err = net.SplitHostPort(s + ":" + strconv.Itoa(defaultPort))
	}
	if err != nil {
		return "", 0, errors.New("want host or host:port")
	}
	port, err = strconv.Atoi(digits)
	if err != nil || port < 1 || port > maxPort {
		return "", 0, fmt.Errorf("port %q: want 1 to %d", digits, maxPort)
	}
	if host == "" || strings.ContainsAny(host, " \t/\x00") || len(host) > maxText {
		return "", 0, errors.New("want a host name or an address")
	}
	return host, port, nil
}
