// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
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
	if err != nil {
		return nil, err
	}
	in := &instance{log: log, pacer: newPacer(cfg.MemoryLimit), wake: make(chan struct{}, 1), stop: make(chan struct{})}
	in.pacer.pace()
	if err := in.build(&cfg); err != nil {
		return nil, err
	}
	for _, warning := range cfg.Warnings {
		log.Warn(warning)
	}
	log.Info("started", "version", version, "matching", string(cfg.Matching), "log_window", cfg.LogWindow.String(),
		"alert_window", cfg.AlertWindow.String(), "memory_limit", cfg.MemoryLimit, "format", string(cfg.Format))
	in.done.Add(1)
	go in.run()
	return in, nil
}

// build makes the parts, the one that holds goroutines last.
func (in *instance) build(cfg *property.Config) (err error) {
	computer := cfg.ComputerName
	if computer == "" {
		if computer, err = os.Hostname(); err != nil || computer == "" {
			return fmt.Errorf("computer_name is not set and this machine gives no name: %w", err)
		}
	}
	options := engineOptions(cfg, computer)
	if cfg.IISConfig != "" {
		config, sites, err := iis.OpenConfig(cfg.IISConfig)
		if err != nil {
			return &property.Error{Key: "iis_config", Value: cfg.IISConfig, Want: "IIS's applicationHost.config: " + err.Error()}
		}
		in.sites, options.Sites = config, sites
	}
	if in.engine, err = correlate.New(options); err != nil {
		return err
	}
	input, err := sourceOptions(cfg, computer)
	if err != nil {
		return err
	}
	in.input = source.NewSet(input, in.engine)
	in.output, err = deliver.Open(deliverOptions(cfg), in.log)
	return err
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
	if err := o.W3C.Validate(); err != nil {
		return o, fmt.Errorf("client_ip_field: %w", err)
	}
	if len(cfg.Fields) > 0 {
		cols, err := w3c.ParseFields([]byte("#Fields: "+strings.Join(cfg.Fields, " ")), &o.W3C)
		if err != nil {
			return o, fmt.Errorf("fields: %w", err)
		}
		o.Fields = cols
	}
	return o, nil
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
