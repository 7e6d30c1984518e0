// SPDX-License-Identifier: Apache-2.0

package alert_test

import (
	"fmt"

	"webshell/correlate"
	"webshell/correlate/alert"
)

func ExampleReader_Read() {
	r := alert.NewReader(alert.Options{LogKey: "log"})
	record := map[string]any{"log": `{"value":[{"SystemAlertId":"s-1","ProviderName":"MDATP","TimeGenerated":"2026-03-02T10:05:00Z",
		"Entities":"[{\"$id\":\"1\",\"Type\":\"host\",\"HostName\":\"web01\"},{\"Type\":\"file\",\"Name\":\"shell.aspx\",\"Host\":{\"$ref\":\"1\"}}]"},{"hello":1}]}`}
	out := r.Read(record, 0, func(a *correlate.Alert) {
		fmt.Println(a.ID, a.Time, a.Files[0].Name, "on", a.Hosts[a.Files[0].Host].HostName)
	})
	fmt.Println(out.Alerts, "alert,", out.Refused[alert.UnknownShape], alert.UnknownShape, out.Keys)
	// Output:
	// s-1 2026-03-02T10:05:00Z shell.aspx on web01
	// 1 alert, 1 unknown_shape [hello]
}
