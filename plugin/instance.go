// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"webshell/correlate"
	"webshell/correlate/alert"
	"webshell/correlate/script"
	"webshell/correlate/sitemap"
	"webshell/correlate/w3c"
	"webshell/plugin/deliver"
	"webshell/plugin/iis"
	"webshell/plugin/property"
	"webshell/plugin/report"
	"webshell/plugin/source"
)

// instance is one [OUTPUT] section: the engine with what feeds it and what takes its detections away. With workers
// Fluent Bit calls flush on several threads at once; the lock makes them one after another, and the timer too.
type instance struct {
	log *slog.Logger

	mu     sync.Mutex
	engine *correlate.Correlator
	input  *source.Set
	output *deliver.Deliverer
	watch  watchdog
	pacer  *pacer

	sites     *iis.Config // nil without iis_config; the timer's own
	sitesRead time.Time

	wake chan struct{} // look-backs or alerts have more steps
	stop chan struct{}
	done sync.WaitGroup
}

const (
	// tickInterval is how often what is due goes out when no traffic comes (SPEC section 4).
	tickInterval = time.Second
	// sourcesShare of memory_limit, maxSources at most, is for what is known of log files. One byte in sixteen is for
	// lines that were counted, 4 bytes each; maxSeen is more than a day's files have.
	sourcesShare = 5
	maxSources   = 8 << 20
	memoryOfSeen = 64
	maxSeen      = 1 << 23
	// sitesInterval is how often the site map is looked at for changes.
	sitesInterval = 10 * time.Second
)

// openInstance reads the section and starts it.
func openInstance(get func(string) string, log *slog.Logger) (*instance, error) {
	cfg, err := property.Parse(get)
	in := &instance{log: log, pacer: newPacer(cfg.MemoryLimit), wake: make(chan struct{}, 1), stop: make(chan struct{})}
	if err := in.build(&cfg, err); err != nil {
		return nil, err
	}
	in.pacer.pace()
	for _, warning := range cfg.Warnings {
		log.Warn(warning)
	}
	log.Info("started", "version", version, "matching", string(cfg.Matching), "log_window", cfg.LogWindow.String(),
		"alert_window", cfg.AlertWindow.String(), "memory_limit", cfg.MemoryLimit, "format", string(cfg.Format))
	in.done.Add(1)
	go in.run()
	return in, nil
}

// build makes the parts. What is wrong with the section so far, and with what it names, is one error. The output comes
// last, and only when all else is well: it holds goroutines and makes its file.
func (in *instance) build(cfg *property.Config, parsed error) error {
	all := faults{}
	all.add(parsed)
	computer, err := computerName(cfg)
	all.add(err)
	options := engineOptions(cfg, computer)
	all.add(in.openSites(cfg, &options))
	input, err := sourceOptions(cfg, computer)
	all.add(err)
	output := deliverOptions(cfg)
	if len(all) > 0 {
		all.add(output.CheckFiles())
		return all
	}
	if in.engine, err = correlate.New(options); err != nil {
		return err
	}
	in.input = source.NewSet(input, in.engine)
	if in.output, err = deliver.Open(output, in.log); err != nil {
		all.add(err)
		return all
	}
	return nil
}

// faults is all that keeps an instance from starting.
type faults []error

// add takes the parts of a joined error one by one.
func (f *faults) add(err error) {
	if many, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // err itself, not what it wraps
		for _, one := range many.Unwrap() {
			f.add(one)
		}
	} else if err != nil {
		*f = append(*f, err)
	}
}

// Error is one line.
func (f faults) Error() string {
	texts := make([]string, len(f))
	for i, err := range f {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

func computerName(cfg *property.Config) (string, error) {
	if cfg.ComputerName != "" {
		return cfg.ComputerName, nil
	}
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "", &property.Error{Key: "computer_name", Want: "a host name, as this machine gives none"}
	}
	return name, nil
}

// openSites reads the site map where there is one.
func (in *instance) openSites(cfg *property.Config, options *correlate.Options) error {
	if cfg.IISConfig == "" {
		return nil
	}
	config, sites, err := iis.OpenConfig(cfg.IISConfig)
	if err != nil {
		return &property.Error{Key: "iis_config", Value: cfg.IISConfig, Want: "IIS's applicationHost.config: " + err.Error()}
	}
	in.sites, options.Sites = config, sites
	return nil
}

func engineOptions(cfg *property.Config, computer string) correlate.Options {
	o := correlate.DefaultOptions(correlate.Windows)
	if cfg.Matching == property.MatchKQL {
		o = correlate.DefaultOptions(correlate.KQL)
	}
	o.Extensions = cfg.ScriptExtensions
	o.LogWindow, o.AlertWindow, o.UpdateInterval = cfg.LogWindow, cfg.AlertWindow, cfg.UpdateInterval
	o.AlertDetections, o.EvidenceRequests = cfg.AlertDetections, cfg.EvidenceRequests
	o.MemoryLimit = max(cfg.MemoryLimit-min(cfg.MemoryLimit/sourcesShare, maxSources), correlate.MinMemory)
	o.SetLimit, o.ReportUnmatched = cfg.SetLimit, cfg.ReportUnmatched
	o.ComputerName, o.Products = computer, sitemap.Builtin()
	switch cfg.PathMatch {
	case property.PathPartial:
		o.PathMatch = script.PathPartial
	case property.PathFull:
		o.PathMatch = script.PathFull
	}
	return o
}

func sourceOptions(cfg *property.Config, computer string) (source.Options, error) {
	o := source.Options{
		AlertTag: cfg.AlertTag, LogKey: cfg.LogKey, PathKey: cfg.PathKey, OffsetKey: cfg.OffsetKey, HostKey: cfg.HostKey,
		ComputerName: computer, PagesOf: iis.PagesOf, SeenLines: int(min(cfg.MemoryLimit/memoryOfSeen, maxSeen)),
		W3C:    w3c.Options{ClientIPField: cfg.ClientIPField, TrustedProxies: cfg.TrustedProxies},
		Alerts: alert.Options{KQL: cfg.Matching == property.MatchKQL, Providers: cfg.AlertProviders, LogKey: cfg.LogKey},
	}
	var all []error
	if o.W3C.Validate() != nil {
		all = append(all, &property.Error{Key: "client_ip_field", Value: cfg.ClientIPField,
			Want: "the column of a header, in ASCII letters and digits, and none that the plugin reads anyway"})
	}
	if len(cfg.Fields) > 0 {
		text := strings.Join(cfg.Fields, " ")
		cols, err := w3c.ParseFields([]byte("#Fields: "+text), &o.W3C)
		if err != nil {
			all = append(all, &property.Error{Key: "fields", Value: text, Want: "the W3C columns as #Fields: lists them: " + err.Error()})
		}
		o.Fields = cols
	}
	return o, errors.Join(all...)
}

// flush takes one chunk. What it changes stays changed, so a retry is never asked for.
func (in *instance) flush(data []byte, tag string) status {
	in.mu.Lock()
	defer in.mu.Unlock()
	now := time.Now()
	wall := correlate.At(now)
	err := in.input.Flush(data, tag, wall)
	in.output.Put(in.engine.Take())
	in.pacer.pace()
	in.watch.look(in, now, err, tag)
	if in.input.HasWork() || in.engine.HasWork() {
		in.goOn()
	}
	return statusOK
}

// goOn has the goroutine do the steps that are left.
func (in *instance) goOn() {
	select {
	case in.wake <- struct{}{}:
	default: // it is awake
	}
}

// run does what is due when no traffic comes, and the steps of long look-backs, between flushes.
func (in *instance) run() {
	defer in.done.Done()
	guard := report.NewGuard(in.log)
	timer := time.NewTicker(tickInterval)
	defer timer.Stop()
	for {
		select {
		case <-in.stop:
			return
		case <-timer.C:
			guard.Run("tick", in.tick)
		case <-in.wake:
			guard.Run("step", in.step)
		}
	}
}

func (in *instance) tick() {
	sites, err := in.reloadSites(time.Now())
	in.mu.Lock()
	defer in.mu.Unlock()
	now := time.Now()
	wall := correlate.At(now)
	if sites != nil {
		in.engine.SetSites(sites)
	}
	if err != nil {
		in.watch.warn(in.log, "iis_config", now, "the site map stays as it was", "err", err)
	}
	in.input.Tick(wall)
	more := in.engine.Tick(wall)
	in.output.Put(in.engine.Take())
	in.watch.look(in, now, nil, "")
	in.pacer.pace()
	if more {
		in.goOn()
	}
}

// reloadSites reads the site map again when its file has changed, outside the lock; nil when there is no other map.
// A broken file keeps the last good one. Only the timer calls it.
func (in *instance) reloadSites(now time.Time) (*sitemap.Map, error) {
	if in.sites == nil || now.Sub(in.sitesRead) < sitesInterval {
		return nil, nil
	}
	in.sitesRead = now
	sites, isNew, err := in.sites.Reload()
	if !isNew {
		return nil, err
	}
	in.log.Info("site map read anew")
	return sites, err
}

// step goes on with look-backs and alerts until they are done, a step at a time, so that flushes come in between.
func (in *instance) step() {
	for {
		select {
		case <-in.stop:
			return
		default:
		}
		if !in.stepOnce() {
			return
		}
	}
}

func (in *instance) stepOnce() (more bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	wall := correlate.At(time.Now())
	more = in.input.Step(wall)
	more = in.engine.Step(wall) || more
	in.output.Put(in.engine.Take())
	in.pacer.pace()
	return more
}

// close ends the instance: what waits is used and sent.
func (in *instance) close() {
	close(in.stop)
	in.done.Wait()
	in.mu.Lock()
	wall := correlate.At(time.Now())
	in.input.Drain(wall)
	in.engine.Drain(wall)
	in.output.Put(in.engine.Take())
	engine, input := in.engine.Stats(), in.input.Counters()
	in.mu.Unlock()
	in.output.Close(deliver.CloseTimeout)
	in.log.Info("stopped", summary(engine, input, in.output.Stats())...)
}
