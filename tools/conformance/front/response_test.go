// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const (
	ourMirror = `{"kind": "Pod", "metadata": {"name": "web-node1", "annotations":
		{"kubernetes.io/config.mirror": "x", "conformance.jubelet.io/pod-uid": "uid-1"}}, "spec": {"nodeName": "node1"}}`
	otherMirror = `{"kind": "Pod", "metadata": {"name": "own-node1", "annotations": {"kubernetes.io/config.mirror": "x"}},
		"spec": {"nodeName": "node1"}}`
	ourPod  = `{"kind": "Pod", "metadata": {"name": "web"}, "spec": {"nodeName": "node1.front", "big": 9007199254740993}}`
	strange = `{"kind": "Pod", "metadata": {"name": "far"}, "spec": {"nodeName": "node2"}}`
)

func response(query, body string) *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Length": {"1"}},
		Body:       io.NopCloser(strings.NewReader(body)),
		Request:    &http.Request{Method: http.MethodGet, URL: &url.URL{RawQuery: query}},
	}
}

func modified(t *testing.T, view podView, query, body string) string {
	t.Helper()
	r := response(query, body)
	if err := view.modify(r); err != nil {
		t.Fatal(err)
	}
	changed, err := io.ReadAll(r.Body)
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return string(changed)
}

func shownNames(t *testing.T, list string) string {
	t.Helper()
	var parsed struct {
		Items []struct{ Metadata struct{ Name string } }
	}
	if err := json.Unmarshal([]byte(list), &parsed); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, item := range parsed.Items {
		found = append(found, item.Metadata.Name)
	}
	return strings.Join(found, " ")
}

func TestListsHaveNoMirrorPodsOfOurs(t *testing.T) {
	list := `{"kind": "PodList", "metadata": {"resourceVersion": "5"}, "items": [` +
		strings.Join([]string{ourMirror, otherMirror, ourPod, strange}, ",") + `]}`
	all := modified(t, podView{names: newNames("node1")}, "", list)
	if got := shownNames(t, all); got != "own-node1 web far" {
		t.Errorf("all: %s", got)
	}
	if strings.Contains(all, "node1.front") || !strings.Contains(all, "9007199254740993") {
		t.Errorf("list %s", all)
	}
	onNode := modified(t, podView{names: newNames("node1"), onNode: true}, "", list)
	if got := shownNames(t, onNode); got != "own-node1 web" {
		t.Errorf("on the node: %s", got)
	}
}

func TestAnEmptyListStaysAList(t *testing.T) {
	list := modified(t, podView{names: newNames("node1")}, "", `{"kind": "PodList", "items": [`+ourMirror+`]}`)
	if !strings.Contains(list, `"items":[]`) {
		t.Error(list)
	}
}

func TestAPodIsOnTheNode(t *testing.T) {
	if got := modified(t, podView{names: newNames("node1")}, "", ourPod); !strings.Contains(got, `"nodeName":"node1"`) {
		t.Error(got)
	}
}

func TestWatchesHaveNoMirrorPodsOfOurs(t *testing.T) {
	events := ""
	for _, e := range []string{
		`"ADDED", "object": ` + ourMirror, `"MODIFIED", "object": ` + ourPod, `"DELETED", "object": ` + otherMirror,
		`"BOOKMARK", "object": {"kind": "Pod", "metadata": {"resourceVersion": "9"}}`,
		`"ERROR", "object": {"kind": "Status", "code": 410}`,
	} {
		events += `{"type": ` + e + "}\n"
	}
	lines := strings.Split(strings.TrimSpace(modified(t, podView{names: newNames("node1"), onNode: true}, "watch=true", events)), "\n")
	if len(lines) != 4 {
		t.Fatalf("events: %q", lines)
	}
	for i, want := range []string{`"web"`, `"own-node1"`, `"9"`, `410`} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("event %d: %s", i, lines[i])
		}
	}
}

func TestResponsesWithErrorsPassUnchanged(t *testing.T) {
	r := response("", "not even JSON")
	r.StatusCode = http.StatusNotFound
	r.Request = withResponse(r.Request, podView{names: newNames("node1")}.modify)
	if err := modifyResponse(r); err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(r.Body); string(body) != "not even JSON" {
		t.Errorf("body %s", body)
	}
}
