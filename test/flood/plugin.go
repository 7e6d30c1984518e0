// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"webshell/correlate"
)

// hostConfig is what the bundled host runs: the logs of one folder, the alerts of another, the plugin. %[1]s is the
// folder of both, %[2]d the memory limit in MiB.
const hostConfig = `[SERVICE]
  Flush 0.2
[INPUT]
  Name tail
  Tag iis.flood
  Path %[1]s/iis/*.log
  Path_Key path
  Offset_Key offset
  Read_From_Head on
  Refresh_Interval 1
[INPUT]
  Name tail
  Tag alert.flood
  Path %[1]s/alerts/*.json
  Read_From_Head on
  Refresh_Interval 1
[OUTPUT]
  Name webshell
  Match *
  Path_Key path
  Offset_Key offset
  Memory_Limit %[2]dM
  Output file
  File_Path %[1]s/detections.json
`

const fields = "#Fields: date time s-computername s-sitename s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) cs(Cookie) sc-status sc-substatus sc-win32-status time-taken\n"

// runPlugin plays a flood to the shared object, loaded by the bundled host, as log files.
func runPlugin(fl *flood, limit int64) (res result) {
	dir, err := os.MkdirTemp("", "flood")
	if err != nil {
		return result{Fault: err.Error()}
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := res.throughHost(dir, fl, limit); err != nil {
		res.Fault = err.Error()
	}
	return res
}

func (res *result) throughHost(dir string, fl *flood, limit int64) error {
	last, err := writeLog(dir, fl, res)
	if err != nil {
		return err
	}
	config := filepath.Join(dir, "host.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, hostConfig, dir, limit>>20), 0o644); err != nil {
		return err
	}
	cmd := exec.Command(*hosting, "-e", *library, "-c", config)
	cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the bundled host: %w", err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	pid := strconv.Itoa(cmd.Process.Pid)
	if err := os.Rename(dir+"/warm.log", dir+"/iis/u_in.log"); err != nil {
		return err
	}
	idle, err := untilIdle(pid)
	if err != nil {
		return err
	}
	before := residentOf(pid, "VmRSS")
	if err := os.Rename(dir+"/story.log", dir+"/iis/u_ex.log"); err != nil {
		return err
	}
	busy, err := untilIdle(pid)
	if err != nil {
		return err
	}
	if err := writeAlert(dir, last); err != nil {
		return err
	}
	if _, err := untilIdle(pid); err != nil {
		return err
	}
	res.Growth = residentOf(pid, "VmHWM") - before
	res.Each = (busy - idle) / time.Duration(res.Records)
	return res.readDetections(dir + "/detections.json")
}

// writeLog writes the flood as a log file beside the folder that is watched, and gives the time of the last request.
func writeLog(dir string, fl *flood, res *result) (last time.Time, err error) {
	for _, sub := range []string{"/iis", "/alerts"} {
		if err := os.Mkdir(dir+sub, 0o755); err != nil {
			return last, err
		}
	}
	file, err := os.Create(dir + "/story.log")
	if err != nil {
		return last, err
	}
	w := bufio.NewWriterSize(file, 1<<20)
	if _, err := w.WriteString(fields); err != nil {
		return last, err
	}
	f := play(fl, func(r *correlate.Request) {
		res.Records++
		writeLine(w, r)
	})
	return f.now, errors.Join(w.Flush(), file.Close(), writeWarmUp(dir))
}

// warmUp is how many requests for pictures come before the flood, so that the host has its buffers and the plugin's
// code is in memory: neither is growth.
const warmUp = 50_000

func writeWarmUp(dir string) error {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	_, _ = w.WriteString(fields) // to memory: nothing can fail
	f := newFeed(func(r *correlate.Request) { writeLine(w, r) })
	for i := range warmUp {
		f.send(0, address(10, i), "/img/logo.png", "200", nil)
	}
	_ = w.Flush()
	return os.WriteFile(dir+"/warm.log", b.Bytes(), 0o644)
}

func writeLine(w *bufio.Writer, r *correlate.Request) {
	_, _ = w.WriteString(r.Time.Time().Format("2006-01-02 15:04:05"))
	for _, v := range [][]byte{
		r.HostName, r.SiteName, r.ServerIP, r.Method, r.URIStem, r.URIQuery, r.Port, r.ClientIP, r.UserAgent, r.Cookie,
		r.Status, r.SubStatus, r.Win32,
	} {
		_ = w.WriteByte(' ')
		if len(v) == 0 {
			v = []byte("-")
		}
		_, _ = w.Write(v) // what fails is said by Flush
	}
	_, _ = fmt.Fprintf(w, " %d\n", r.TimeTaken)
}

// writeAlert puts the alert where the host looks for it, whole at once.
func writeAlert(dir string, t time.Time) error {
	b, err := json.Marshal(map[string]string{"file": "shell.aspx", "host": host, "id": "a1", "time": t.Format(time.RFC3339)})
	if err != nil {
		return err
	}
	if err := os.WriteFile(dir+"/alert.json", append(b, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(dir+"/alert.json", dir+"/alerts/alert.json")
}

const (
	pollEvery = 250 * time.Millisecond
	idlePolls = 12                    // without work are three seconds: files are looked for every second
	idleWork  = 30 * time.Millisecond // what the timers take meanwhile
	waitLimit = 10 * time.Minute
)

// untilIdle waits until a process does nothing more, and gives the processor's time that it has used.
func untilIdle(pid string) (used time.Duration, err error) {
	quiet := 0
	for waited := time.Duration(0); waited < waitLimit; waited += pollEvery {
		time.Sleep(pollEvery)
		now, err := processTime(pid)
		if err != nil {
			return 0, err
		}
		if quiet++; now-used > idleWork {
			quiet = 0
		}
		if used = now; quiet >= idlePolls {
			return used, nil
		}
	}
	return 0, fmt.Errorf("the bundled host is still busy after %v", waitLimit)
}

// processTime is the processor's time that a process has used, by proc(5): fields 14 and 15 of stat, in hundredths.
func processTime(pid string) (time.Duration, error) {
	b, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	words := strings.Fields(rest)
	if len(words) < 13 {
		return 0, fmt.Errorf("stat of %s: %q", pid, b)
	}
	user, err1 := strconv.ParseInt(words[11], 10, 64)
	system, err2 := strconv.ParseInt(words[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(err1, err2)
}

func (res *result) readDetections(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	var list []*correlate.Detection
	for d := json.NewDecoder(file); ; {
		var row struct {
			AttackerIP, ShellLocation, Coverage string
			RequestCount, ClientsTotal          int64
		}
		if err := d.Decode(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		list = append(list, &correlate.Detection{
			AttackerIP: row.AttackerIP, ShellLocation: row.ShellLocation, Coverage: row.Coverage,
			RequestCount: row.RequestCount, ClientsTotal: row.ClientsTotal,
		})
	}
	res.judge(list)
	return nil
}
