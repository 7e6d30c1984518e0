// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

const (
	shopHost     = "www.contoso.com"
	intranetHost = "reports.contoso.com"
)

// dice is a seeded source, so that each run throws the same.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 20260302))} }

// upTo returns a number from low to high, both included.
func (d dice) upTo(low, high int) int { return low + d.IntN(high-low+1) }

func (d dice) pick(list []string) string { return list[d.IntN(len(list))] }

var browsers = []string{
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36 Edg/133.0.0.0",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:135.0) Gecko/20100101 Firefox/135.0",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Mobile Safari/537.36",
}

// page is a page of the shop: its stem and a form of its query.
type page struct{ stem, query string }

var shopPages = []page{
	{"/", ""},
	{"/default.aspx", ""},
	{"/products/list.aspx", "category=%d"},
	{"/products/item.aspx", "id=%d"},
	{"/products/item.aspx", "id=%d&from=search"},
	{"/search.aspx", "q=garden+chair&page=%d"},
	{"/support/", ""},
	{"/support/contact.aspx", ""},
	{"/cart/basket.aspx", ""},
	{"/account/login.aspx", "ReturnUrl=%%2fcart%%2fbasket.aspx"},
}

var shopAssets = []string{
	"/css/site.css", "/js/shop.js", "/js/vendor.min.js", "/img/logo.png", "/img/banner.jpg", "/favicon.ico",
	"/ScriptResource.axd", "/handlers/thumbnail.ashx",
}

// shopTraffic is what customers and search engines do on site 1 over the three days.
func shopTraffic() []request {
	d := newDice(1)
	var all []request
	for _, day := range []struct{ day, visits, fromHour, toHour int }{
		{1, 26, 0, 23}, {2, 24, 0, 8}, {2, 62, 8, 23}, {3, 16, 0, 8},
	} {
		for range day.visits {
			start := on(day.day, "00:00:00").Add(time.Duration(d.upTo(day.fromHour*3600+40, day.toHour*3600+3300)) * time.Second)
			all = append(all, d.visit(start)...)
		}
	}
	return append(all, crawl()...)
}

// visit is one customer's way through the shop.
func (d dice) visit(at time.Time) []request {
	base := request{
		site: 1, port: "443", method: "GET", client: d.customer(), agent: d.pick(browsers), host: shopHost, status: 200,
		cookie: "ASP.NET_SessionId=" + d.token(24) + "; consent=1",
	}
	var all []request
	last := ""
	for n := range d.upTo(1, 4) {
		p := shopPages[d.IntN(len(shopPages))]
		r := base
		r.at, r.stem, r.query, r.referer = at, p.stem, d.fill(p.query), last
		r.sent, r.received, r.takenMS = d.upTo(8000, 42000), d.upTo(420, 900), d.upTo(15, 480)
		all = append(all, r)
		last = "https://" + shopHost + r.stem
		if n == 0 {
			all = append(all, d.assets(base, at, last)...)
		}
		if p.stem == "/account/login.aspx" && d.IntN(2) == 0 {
			r.at, r.method, r.status, r.referer, r.sent = at.Add(9*time.Second), "POST", 302, last, 512
			all = append(all, r)
		}
		at = at.Add(time.Duration(d.upTo(8, 95)) * time.Second)
	}
	return all
}

// assets are what a page pulls in; a browser that has them gets 304.
func (d dice) assets(base request, at time.Time, referer string) []request {
	var all []request
	for _, i := range d.Perm(len(shopAssets))[:d.upTo(1, 4)] {
		r := base
		r.at, r.stem, r.referer = at.Add(time.Duration(d.IntN(2))*time.Second), shopAssets[i], referer
		r.sent, r.received, r.takenMS = d.upTo(900, 90000), d.upTo(380, 700), d.upTo(0, 31)
		switch {
		case strings.HasSuffix(r.stem, ".axd"):
			r.query = "d=" + d.token(32) + "&t=5f9d5645"
		case strings.HasSuffix(r.stem, ".ashx"):
			r.query = d.fill("id=%d&w=320")
		case d.IntN(3) == 0:
			r.status, r.sent = 304, 143
		}
		all = append(all, r)
	}
	return all
}

// crawl is a search engine: every 47 minutes a page, sometimes one that is gone.
func crawl() []request {
	d := newDice(2)
	var all []request
	for at := on(1, "01:12:44"); at.Before(on(3, "08:50:00")); at = at.Add(47*time.Minute + 13*time.Second) {
		r := request{
			at: at, site: 1, port: "443", method: "GET", client: "192.0.2.41", host: shopHost, stem: "/products/item.aspx",
			query: d.fill("id=%d"), status: 200, sent: d.upTo(9000, 30000), received: 312, takenMS: d.upTo(20, 300),
			agent: "Mozilla/5.0 (compatible; ContosoSearchBot/2.1; +http://search.contoso.com/bot.html)",
		}
		if d.IntN(6) == 0 {
			r.stem, r.query, r.status, r.win32, r.sent = "/products/old-catalogue.aspx", "", 404, 2, 1425
		}
		all = append(all, r)
	}
	return all
}

// probes is the load balancer asking whether the server is well.
func probes() []request {
	var all []request
	for at := on(1, "00:04:11"); at.Before(on(3, "09:00:00")); at = at.Add(30 * time.Minute) {
		all = append(all, request{
			at: at, site: 1, port: "80", method: "GET", stem: "/health.aspx", client: "10.1.0.4", agent: "LB-HealthCheck/1.0",
			host: "10.1.0.11", status: 200, sent: 214, received: 96, takenMS: 3,
		})
	}
	return all
}

// intranetTraffic is site 2: reports for people in the office, who are known by name.
func intranetTraffic() []request {
	d := newDice(3)
	var all []request
	for range 46 {
		r := request{
			at:   on(2, "07:00:00").Add(time.Duration(d.IntN(10*3600)) * time.Second),
			site: 2, port: "443", method: "GET", host: intranetHost, client: fmt.Sprintf("10.20.0.%d", d.upTo(20, 60)),
			stem: "/reports/view.aspx", query: d.fill("report=%d"), agent: d.pick(browsers), received: d.upTo(900, 2400),
			takenMS: d.upTo(80, 4200), cookie: "ReportSession=" + d.token(16),
		}
		challenge := r
		challenge.cookie, challenge.status, challenge.sub, challenge.win32, challenge.sent = "", 401, 2, 5, 1539
		r.at, r.user, r.status, r.sent = r.at.Add(time.Second), fmt.Sprintf(`CONTOSO\u%d`, d.upTo(1040, 1075)), 200, d.upTo(12000, 400000)
		all = append(all, challenge, r)
	}
	return all
}

// customer is an address of a customer: the ends of the documentation ranges that no one else of the story uses.
func (d dice) customer() string {
	return fmt.Sprintf("%s.%d", d.pick([]string{"198.51.100", "203.0.113", "192.0.2"}), d.upTo(100, 250))
}

// fill puts a number into a form, if it has a place for one.
func (d dice) fill(form string) string {
	if !strings.Contains(form, "%d") {
		return strings.ReplaceAll(form, "%%", "%")
	}
	return fmt.Sprintf(form, d.upTo(1, 940))
}

func (d dice) token(length int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz012345"
	out := make([]byte, length)
	for i := range out {
		out[i] = letters[d.IntN(len(letters))]
	}
	return string(out)
}
