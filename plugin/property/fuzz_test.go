// SPDX-License-Identifier: Apache-2.0

package property

import (
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
)

// FuzzParse: a section of any text is either refused in one printable line or gives values in range.
func FuzzParse(f *testing.F) {
	f.Add("log_window", "7d", "output", "file")
	f.Add("script_extensions", ".aspx,.\xff", "forward_host", "[::1]:1, a:2")
	f.Add("trusted_proxies", "::/0, 10.0.0.1", "fields", "#Fields: cs-uri-stem")
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2 string) {
		cfg, err := Parse(func(key string) string {
			switch key {
			case k1:
				return v1
			case k2:
				return v2
			}
			return ""
		})
		if err != nil {
			if strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Fatalf("error with control characters: %q", err)
			}
			return
		}
		if cfg.LogWindow < time.Second || cfg.AlertWindow > maxWindow || cfg.MemoryLimit < minMemoryLimit ||
			len(cfg.Forward.Receivers) == 0 || cfg.Forward.Receivers[0].Port == 0 || len(cfg.ScriptExtensions) == 0 ||
			!(cfg.Stdout || cfg.File || cfg.ToForward) || cfg.File != (cfg.FilePath != "" && cfg.File) {
			t.Fatalf("%q=%q %q=%q gave %+v", k1, v1, k2, v2, cfg)
		}
	})
}

var (
	durationForm = regexp.MustCompile(`^(?:([0-9]+)[dD])?(?:([0-9]+)[hH])?(?:([0-9]+)[mM])?(?:([0-9]+)[sS])?$`)
	secondsForm  = regexp.MustCompile(`^[0-9]+$`)
	sizeForm     = regexp.MustCompile(`^([0-9]+)([kKmMgG]?)[bB]?$`)
)

// FuzzValue compares durations and sizes with a slow reference on big integers.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{"0", "90", "1h30m", "30m1h", "1d1d", "7D", "9223372036s", "9223372037s", "106751d23h47m16s", "64M", "8191pb", "8589934591G", "8589934592g", "1kB", "b", "1\u212a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, ok := ParseDuration(text)
		if want, wantOK := slowDuration(text); ok != wantOK || ok && d != want {
			t.Errorf("ParseDuration(%q) = %v %v, want %v %v", text, d, ok, want, wantOK)
		}
		n, ok := ParseSize(text)
		if want, wantOK := slowSize(text); ok != wantOK || ok && n != want {
			t.Errorf("ParseSize(%q) = %v %v, want %v %v", text, n, ok, want, wantOK)
		}
	})
}

func slowDuration(text string) (time.Duration, bool) {
	if secondsForm.MatchString(text) {
		text += "s"
	}
	m := durationForm.FindStringSubmatch(text)
	if m == nil || text == "" {
		return 0, false
	}
	sum := new(big.Int)
	for i, seconds := range []int64{86400, 3600, 60, 1} {
		n, _ := new(big.Int).SetString("0"+m[i+1], 10)
		sum.Add(sum, n.Mul(n, big.NewInt(seconds*int64(time.Second))))
	}
	return time.Duration(sum.Int64()), sum.Cmp(big.NewInt(math.MaxInt64)) <= 0
}

func slowSize(text string) (int64, bool) {
	m := sizeForm.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	n, _ := new(big.Int).SetString(m[1], 10)
	n.Lsh(n, map[string]uint{"": 0, "k": 10, "K": 10, "m": 20, "M": 20, "g": 30, "G": 30}[m[2]])
	return n.Int64(), n.Cmp(big.NewInt(math.MaxInt64)) <= 0
}
