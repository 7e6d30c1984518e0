// SPDX-License-Identifier: Apache-2.0

package correlate

// awaiting are the alerts that name a host which was not seen here yet. They watch nothing until it is.
type awaiting struct {
	alerts  []waiter // in no order
	arrival *arrival // under way, nil when none is
}

// waiter is an alert with its host that may come.
type waiter struct {
	alert *alertState
	host  *alertHost
}

// await has an alert wait for one of its hosts.
func (c *Correlator) await(st *alertState, h *alertHost) {
	if h.isAwaited {
		return
	}
	key := h.key(c.opt.Matching)
	w := c.awaited[key]
	if w == nil {
		w = &awaiting{}
		c.awaited[key] = w
		c.resize(&c.awaitedPeak, len(c.awaited), mapSlot)
	}
	h.isAwaited, h.waitsAt = true, len(w.alerts)
	w.alerts = append(w.alerts, waiter{st, h})
	c.chargeAlert(st, awaitBytes)
}

// forgetWaiting takes an alert out of all that wait for a host.
func (c *Correlator) forgetWaiting(st *alertState) {
	for _, h := range st.hosts {
		if !h.isAwaited {
			continue
		}
		h.isAwaited = false
		key := h.key(c.opt.Matching)
		w := c.awaited[key]
		end := len(w.alerts) - 1
		w.alerts[h.waitsAt] = w.alerts[end]
		w.alerts[h.waitsAt].host.waitsAt = h.waitsAt
		w.alerts[end] = waiter{}
		if w.alerts = w.alerts[:end]; end == 0 {
			delete(c.awaited, key)
			c.resize(&c.awaitedPeak, len(c.awaited), mapSlot)
		}
	}
}

// arrive lets the alerts that wait for a host look at it: some at once, so that its first request is reported as it
// happens, the others in steps.
func (c *Correlator) arrive(h *hostHistory, wall Instant) {
	w := c.awaited[h.short]
	if w == nil {
		return
	}
	if w.arrival != nil {
		w.arrival.at = len(w.alerts) // hosts of one short name may come in great numbers
		return
	}
	j := &arrival{awaiting: w, at: len(w.alerts)}
	spent := c.spent
	c.spent = stepBudget - arrivalAtOnce
	if !j.run(c, wall) {
		w.arrival = j
		c.jobs = append(c.jobs, j)
	}
	c.spent = spent
}

// arrivalAtOnce is what is spent on the alerts that wait for a host while its first request does.
const arrivalAtOnce = stepBudget / 16

// arrival pairs alerts with a host that came. The list is read downwards, so that none is skipped when others go.
type arrival struct {
	awaiting *awaiting
	at       int // how many were not looked at yet
}

func (j *arrival) endsBy(Instant) bool { return false }

func (j *arrival) run(c *Correlator, wall Instant) (done bool) {
	for {
		if j.at = min(j.at, len(j.awaiting.alerts)); j.at == 0 {
			j.awaiting.arrival = nil
			return true
		}
		if c.spent >= stepBudget {
			return false
		}
		j.at--
		st := j.awaiting.alerts[j.at].alert
		c.spent += costWatch * (1 + min(len(st.files)*len(st.hosts), maxAlertPairs))
		c.pair(st, wall)
	}
}

// costWatch is the cost of looking at a file on a host.
const costWatch = 8
