// SPDX-License-Identifier: Apache-2.0

package deliver_test

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/fluentforwardreceiver"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	otelreceiver "go.opentelemetry.io/collector/receiver"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"webshell/plugin/deliver/forward"
)

// collector is the OpenTelemetry Collector's receiver.
type collector struct {
	address string
	got     *arrivals
	running otelreceiver.Logs
}

// host offers no extensions.
type host struct{}

func (host) GetExtensions() map[component.ID]component.Component { return nil }

func (c *collector) start(t *testing.T) {
	t.Helper()
	factory := fluentforwardreceiver.NewFactory()
	config := factory.CreateDefaultConfig().(*fluentforwardreceiver.Config)
	config.ListenAddress = c.address
	next, err := consumer.NewLogs(c.consume)
	if err != nil {
		t.Fatal(err)
	}
	settings := otelreceiver.Settings{ID: component.NewID(factory.Type()), TelemetrySettings: component.TelemetrySettings{
		Logger: zap.NewNop(), TracerProvider: tracenoop.NewTracerProvider(), MeterProvider: metricnoop.NewMeterProvider()}}
	if c.running, err = factory.CreateLogs(t.Context(), settings, config, next); err != nil {
		t.Fatal(err)
	}
	if err := c.running.Start(t.Context(), host{}); err != nil {
		t.Fatal(err)
	}
}

func (c *collector) stop(t *testing.T) {
	t.Helper()
	if err := c.running.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.awaitHeartbeatEnd(t)
}

// awaitHeartbeatEnd waits until the receiver let go of its UDP port, which it does some time after Shutdown.
func (c *collector) awaitHeartbeatEnd(t *testing.T) {
	t.Helper()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for deadline := time.After(patience); ; {
		p, err := net.ListenPacket("udp", c.address)
		if err == nil {
			_ = p.Close()
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatal(err)
		}
	}
}

// consume takes what the receiver passes on.
func (c *collector) consume(_ context.Context, logs plog.Logs) error {
	for _, rl := range logs.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, rec := range sl.LogRecords().All() {
				c.got.add(rec.Attributes().AsRaw())
			}
		}
	}
	return nil
}

func TestCollector(t *testing.T) {
	for _, compress := range []string{"", "gzip"} {
		t.Run("compress="+compress, func(t *testing.T) {
			port := freePort(t)
			a := newArrivals()
			c := &collector{address: fmt.Sprint("127.0.0.1:", port), got: a}
			story(t, c, a, forward.Options{Hosts: []string{"127.0.0.1"}, Port: port, Compress: compress})
		})
	}
}

func TestCollector_secondInOrder(t *testing.T) {
	first, second := freePort(t), freePort(t)
	a := newArrivals()
	c := &collector{address: fmt.Sprint("127.0.0.1:", second), got: a}
	story(t, c, a, forward.Options{Hosts: []string{"127.0.0.1:" + strconv.Itoa(first), "127.0.0.1:" + strconv.Itoa(second)}})
}
