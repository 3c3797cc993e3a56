// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
)

func readAll(response *http.Response) string {
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

func TestTargetOf(t *testing.T) {
	for path, want := range map[string]target{
		"/api/v1/pods":                          {resource: "pods"},
		"/api/v1/namespaces/a/pods":             {namespace: "a", resource: "pods"},
		"/api/v1/namespaces/a/pods/b":           {namespace: "a", resource: "pods", name: "b"},
		"/api/v1/namespaces/a/pods/b/proxy/x/y": {namespace: "a", resource: "pods", name: "b", subresource: "proxy/x/y"},
		"/api/v1/namespaces/a":                  {resource: "namespaces", name: "a"},
		"/api/v1/namespaces":                    {resource: "namespaces"},
		"/api/v1/nodes/n/proxy/configz":         {resource: "nodes", name: "n", subresource: "proxy/configz"},
	} {
		if got, ok := targetOf(path); !ok || got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
	if _, ok := targetOf("/apis/apps/v1/pods"); ok {
		t.Error("pods of another API")
	}
}

func TestACreatedPodIsBroughtToTheNode(t *testing.T) {
	s := newSetup(t)
	code, answer := s.request(t, http.MethodPost, "/api/v1/namespaces/test/pods",
		`{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"nodeName": "node1", "containers": []}}`)
	if code != http.StatusCreated || !strings.Contains(answer, `"nodeName":"node1"`) {
		t.Errorf("%d %s", code, answer)
	}
	if got := s.get("web").Spec.NodeName; got != "node1.front" {
		t.Errorf("bound to %s", got)
	}
	eventually(t, "the manifest", func() bool { return s.manifest() != "" })
}

func TestAPodOfAnotherNodeIsLeftAlone(t *testing.T) {
	s := newSetup(t)
	s.request(t, http.MethodPost, "/api/v1/namespaces/test/pods",
		`{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"nodeName": "node2", "containers": []}}`)
	if got := s.get("web").Spec.NodeName; got != "node2" {
		t.Errorf("bound to %s", got)
	}
}

func TestStreamsGoToTheMirrorPod(t *testing.T) {
	s := running(t)
	for _, path := range []string{"/log?follow=true", "/exec", "/attach", "/portforward", "/proxy/a/b"} {
		s.request(t, http.MethodGet, "/api/v1/namespaces/test/pods/web"+path, "")
		want := "GET /api/v1/namespaces/test/pods/web-node1" + strings.TrimSuffix(path, "?follow=true")
		if !s.requested(want) {
			t.Errorf("no request %s", want)
		}
	}
	s.request(t, http.MethodGet, "/api/v1/namespaces/test/pods/own-node1/log", "")
	if !s.requested("GET /api/v1/namespaces/test/pods/own-node1/log") {
		t.Error("no request for the log of a static pod of the test")
	}
}

func TestEphemeralContainersAreRefused(t *testing.T) {
	s := running(t)
	code, answer := s.request(t, http.MethodPatch, "/api/v1/namespaces/test/pods/web/ephemeralcontainers", "{}")
	if code != http.StatusMethodNotAllowed || !strings.Contains(answer, "pods/ephemeralcontainers") {
		t.Errorf("%d %s", code, answer)
	}
}

func TestACollectionIsDeletedWithoutMirrorPods(t *testing.T) {
	s := running(t)
	code, answer := s.request(t, http.MethodDelete, "/api/v1/namespaces/test/pods", "")
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, answer)
	}
	if s.get("web") != nil || s.get("web-node1") == nil {
		t.Error("the pod is left, or its mirror pod is not")
	}
}

func TestTheSelectorOfTheNodeFindsPods(t *testing.T) {
	s := running(t)
	s.apply("ADDED", pod("far", func(p *v1.Pod) { p.UID, p.Spec.NodeName = "far", "node2" }))
	_, list := s.request(t, http.MethodGet, "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode1%2Cstatus.phase%3DRunning", "")
	if got := shownNames(t, list); got != "web" {
		t.Errorf("%s in %s", got, list)
	}
}

func TestConfigMapsGoIntoTheManifestDirectory(t *testing.T) {
	s := newSetup(t)
	path := s.files.path(configMapFile, "test", "settings")
	code, _ := s.request(t, http.MethodPost, "/api/v1/namespaces/test/configmaps", "{}")
	content, err := os.ReadFile(path)
	if code != http.StatusOK || err != nil || strings.Contains(string(content), "uid") {
		t.Fatalf("%d %v %s", code, err, content)
	}
	for _, want := range []string{`"kind":"ConfigMap"`, `"namespace":"test"`, `"data":{"a":"b"}`} {
		if !strings.Contains(string(content), want) {
			t.Errorf("no %s in %s", want, content)
		}
	}
	s.request(t, http.MethodDelete, "/api/v1/namespaces/test/configmaps/settings", "")
	if _, err := os.Stat(path); err == nil {
		t.Error("the file of a deleted ConfigMap is left")
	}
	s.request(t, http.MethodPut, "/api/v1/namespaces/test/configmaps/settings", "{}")
	s.request(t, http.MethodDelete, "/api/v1/namespaces/test/configmaps?labelSelector=x", "")
	if _, err := os.Stat(path); err == nil {
		t.Error("the file of a ConfigMap that was deleted with others is left")
	}
	s.request(t, http.MethodPost, "/api/v1/namespaces/test/configmaps?dryRun=All", "{}")
	if _, err := os.Stat(path); err == nil {
		t.Error("a dry run wrote a file")
	}
}
