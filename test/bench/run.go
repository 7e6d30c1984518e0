// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"webshell/plugin/source/sourcetest"
)

// run is what every measurement has in common.
type run struct {
	program, plugin, dir, log string
	lines                     int
}

// output is the [OUTPUT] section of a measurement, with the lines that its process must have logged at the end.
type output struct {
	plugin, section, logged string
}

var outNull = output{section: "    Name   null\n    Match  *\n"}

// outWebshell keeps requests and writes nothing, for no alert comes: what an ordinary day costs.
func (b *run) outWebshell() output {
	return output{
		plugin: b.plugin,
		section: "    Name        webshell\n    Match       *\n    Path_Key    path\n    Offset_Key  offset\n    Output      file\n" +
			"    File_Path   " + filepath.Join(b.dir, "detections.jsonl") + "\n",
		logged: fmt.Sprintf(" lines=%d ", b.lines+1),
	}
}

const configuration = `[SERVICE]
    Flush      1
    Grace      60
    Log_Level  info

[INPUT]
    Name             tail
    Tag              iis
    Path             %s
    Path_Key         path
    Offset_Key       offset
    Read_from_Head   on
    Skip_Long_Lines  on
    Buffer_Max_Size  1M
    Exit_On_Eof      on

[OUTPUT]
%s`

// limit is when a run that does not end is given up.
const limit = 10 * time.Minute

// measure runs one pipeline over the whole log and gives its processor time.
func (b *run) measure(out output) (time.Duration, error) {
	path := filepath.Join(b.dir, "bench.conf")
	if err := os.WriteFile(path, fmt.Appendf(nil, configuration, b.log, out.section), 0o644); err != nil {
		return 0, err
	}
	args := []string{"-c", path}
	if out.plugin != "" {
		args = append([]string{"-e", out.plugin}, args...)
	}
	var log bytes.Buffer
	cmd := exec.Command(b.program, args...)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	timer := time.AfterFunc(limit, func() { _ = cmd.Process.Kill() }) // Wait tells
	defer timer.Stop()
	if err := cmd.Wait(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, log.Bytes())
	}
	if !bytes.Contains(log.Bytes(), []byte(out.logged)) {
		return 0, fmt.Errorf("the plugin did not log%sat its end\n%s", out.logged, log.Bytes())
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// writeLog writes the log as IIS does, CRLF behind each line.
func writeLog(path string, lines int) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close() // the flush below tells
	w := bufio.NewWriterSize(f, 1<<20)
	mix := sourcetest.NewMix(1)
	line := append([]byte(sourcetest.Fields), "\r\n"...)
	for range lines + 1 {
		if _, err := w.Write(line); err != nil {
			return err
		}
		line = append(mix.AppendLine(line[:0]), "\r\n"...)
	}
	return w.Flush()
}
