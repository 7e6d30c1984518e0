// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// entity is one element of a SecurityAlert row's Entities.
type entity = map[string]any

// securityAlert holds the columns of Microsoft Sentinel's SecurityAlert table that matter here, in the table's order.
type securityAlert struct {
	TenantID           string `json:"TenantId"`
	TimeGenerated      string
	DisplayName        string
	AlertName          string
	AlertSeverity      string
	Description        string
	ProviderName       string
	VendorName         string
	VendorOriginalID   string `json:"VendorOriginalId"`
	SystemAlertID      string `json:"SystemAlertId"`
	AlertType          string
	ConfidenceLevel    string
	StartTime          string
	EndTime            string
	Entities           string
	ProductName        string
	ProductComponent   string `json:"ProductComponentName"`
	AlertLink          string
	Status             string
	CompromisedEntity  string
	Tactics            string
	Techniques         string
	Type               string
	ExtendedProperties string
}

// plainAlert is the plain shape: what a scanner of the administrator's own writes.
type plainAlert struct {
	File      string `json:"file"`
	Directory string `json:"directory"`
	Host      string `json:"host"`
	ID        string `json:"id"`
	Time      string `json:"time"`
	Title     string `json:"title"`
	Severity  string `json:"severity"`
	SHA256    string `json:"sha256"`
}

// alertLines is alerts.json: one alert a line, in the order of time.
func alertLines() []byte {
	return lines(shellAlert(), neighbourAlert(), scannerAlert())
}

// shellAlert is Defender's word on the first shell: the file, its hashes, the host, and the process that wrote it.
func shellAlert() securityAlert {
	a := baseAlert("5c1f7f5e-3f0a-4b77-9d52-0a4c3f6a2b18", "da638710563124371893_1204471832")
	a.TimeGenerated, a.StartTime, a.EndTime = "2026-03-02T10:05:12.4371893Z", "2026-03-02T09:51:18.2040000Z", "2026-03-02T09:52:59.1170000Z"
	a.DisplayName, a.AlertSeverity, a.CompromisedEntity = "Possible web shell installation", "High", "web01.contoso.com"
	a.Description = "A script file was written to a folder that a web server serves, by the web server's own worker process."
	a.Tactics, a.Techniques = "Persistence", `["T1505.003"]`
	a.Entities = text([]entity{
		host("2", "WEB01", "9d2f41c7b6a05e8391c44df20b7a6e15c83f9012"),
		file("3", `C:\inetpub\wwwroot\shop\uploads\2026`, "thumb.aspx", "2", "4", "5"),
		hash("4", "SHA1", sha1hex("the first shell of the story")),
		hash("5", "SHA256", sha256hex("the first shell of the story")),
		{
			"$id": "6", "ProcessId": "4712", "CommandLine": `c:\windows\system32\inetsrv\w3wp.exe -ap "shop" -v "v4.0"`,
			"CreationTimeUtc": "2026-03-01T22:14:40.733Z", "Host": entity{"$ref": "2"}, "Type": "process",
			"ImageFile": entity{"$id": "7", "Directory": `c:\windows\system32\inetsrv`, "Name": "w3wp.exe", "Type": "file"},
		},
	})
	a.AlertName = a.DisplayName
	return a
}

// neighbourAlert names a file of another server. WEB01 has a file of that name too, and no request to it may be reported.
func neighbourAlert() securityAlert {
	a := baseAlert("b0a4f0f5-8f0e-4f5e-8f53-6b1c7d0a9e44", "da638710771430028817_-887120442")
	a.TimeGenerated, a.StartTime, a.EndTime = "2026-03-02T11:27:40.0028817Z", "2026-03-02T11:20:03.5510000Z", "2026-03-02T11:20:03.5510000Z"
	a.DisplayName, a.AlertSeverity, a.CompromisedEntity = "Suspicious script in web folder", "Medium", "web02.contoso.com"
	a.Description = "A script of a served folder was changed outside of a deployment."
	a.Tactics, a.Techniques = "Persistence", `["T1505.003"]`
	a.Entities = text([]entity{
		host("2", "WEB02", "41e7a0c95d3b8f62107fd9be44c5a8731290ef6d"),
		file("3", `C:\inetpub\wwwroot\intranet`, "default.aspx", "2", "4"),
		hash("4", "SHA256", sha256hex("a page of another server")),
	})
	a.AlertName = a.DisplayName
	return a
}

// scannerAlert is a file scanner's word on the second shell, which no cloud product saw.
func scannerAlert() plainAlert {
	return plainAlert{
		File: "errors.aspx", Directory: `C:\inetpub\wwwroot\shop\aspnet_client\system_web`, Host: computer, ID: "yara-20260302-0007",
		Time: "2026-03-02T15:00:21Z", Title: "YARA rule aspx_eval_request matched", Severity: "High",
		SHA256: sha256hex("the second shell of the story"),
	}
}

func baseAlert(id, vendorID string) securityAlert {
	return securityAlert{
		TenantID: "00000000-0000-0000-0000-000000000000", ProviderName: "MDATP", VendorName: "Microsoft",
		VendorOriginalID: vendorID, SystemAlertID: id, AlertType: "WindowsDefenderAtp", ConfidenceLevel: "Unknown",
		ProductName: "Microsoft Defender Advanced Threat Protection", ProductComponent: "Microsoft Defender for Endpoint",
		AlertLink: "https://security.microsoft.com/alerts/" + vendorID, Status: "New", Type: "SecurityAlert",
		ExtendedProperties: `{"MicrosoftDefenderAtp.Category":"Persistence"}`,
	}
}

func host(id, name, device string) entity {
	return entity{
		"$id": id, "HostName": name, "DnsDomain": "contoso.com", "OSFamily": "Windows", "OSVersion": "20348",
		"MdeDeviceId": device, "Type": "host",
	}
}

func file(id, directory, name, hostID string, hashIDs ...string) entity {
	refs := make([]entity, len(hashIDs))
	for i, h := range hashIDs {
		refs[i] = entity{"$ref": h}
	}
	return entity{
		"$id": id, "Directory": directory, "Name": name, "Host": entity{"$ref": hostID}, "FileHashes": refs, "Type": "file",
	}
}

func hash(id, algorithm, value string) entity {
	return entity{"$id": id, "Algorithm": algorithm, "Value": value, "Type": "filehash"}
}

func sha1hex(words string) string { s := sha1.Sum([]byte(words)); return hex.EncodeToString(s[:]) }
func sha256hex(words string) string {
	s := sha256.Sum256([]byte(words))
	return hex.EncodeToString(s[:])
}

// text is v as JSON without HTML escapes.
func text(v any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("BUG: " + err.Error())
	}
	return string(bytes.TrimRight(out.Bytes(), "\n"))
}

func lines(values ...any) []byte {
	var out bytes.Buffer
	for _, v := range values {
		out.WriteString(text(v) + "\n")
	}
	return out.Bytes()
}
