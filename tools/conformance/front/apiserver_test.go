// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// apiServer keeps pods as an API server does, as far as the front depends on it, and records other requests.
type apiServer struct {
	*httptest.Server
	mutex    sync.Mutex
	version  int
	pods     map[string]*v1.Pod
	changes  []change
	changed  chan struct{}
	requests []string
	events   []v1.Event
}

type change struct {
	version int
	kind    string
	pod     *v1.Pod
}

func newAPIServer(t *testing.T) *apiServer {
	s := &apiServer{pods: map[string]*v1.Pod{}, changed: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/pods", s.listPods)
	mux.HandleFunc("GET /api/v1/namespaces/{namespace}/pods", s.listPods)
	mux.HandleFunc("POST /api/v1/namespaces/{namespace}/pods", s.createPod)
	mux.HandleFunc("PUT /api/v1/namespaces/{namespace}/pods/{name}/status", s.updateStatus)
	mux.HandleFunc("DELETE /api/v1/namespaces/{namespace}/pods/{name}", s.deletePod)
	mux.HandleFunc("GET /api/v1/events", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("watch") {
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, `{"kind": "EventList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": []}`)
	})
	mux.HandleFunc("GET /api/v1/namespaces", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"kind": "NamespaceList", "apiVersion": "v1", "items": [{"metadata": {"name": "test"}}]}`)
	})
	mux.HandleFunc("POST /api/v1/namespaces/{namespace}/events", func(w http.ResponseWriter, r *http.Request) {
		var event v1.Event
		json.NewDecoder(r.Body).Decode(&event)
		s.mutex.Lock()
		s.events = append(s.events, event)
		s.mutex.Unlock()
		json.NewEncoder(w).Encode(event)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.mutex.Lock()
		s.requests = append(s.requests, r.Method+" "+r.URL.Path)
		s.mutex.Unlock()
		if r.Method == http.MethodDelete {
			fmt.Fprint(w, `{"kind": "Status", "items": [{"metadata": {"name": "settings"}}]}`)
			return
		}
		fmt.Fprint(w, `{"kind": "ConfigMap", "metadata": {"name": "settings", "uid": "x"}, "data": {"a": "b"}}`)
	})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *apiServer) requested(request string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Contains(s.requests, request)
}

func (s *apiServer) created() []v1.Event {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.events)
}

func (s *apiServer) history() []change {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.changes)
}

func key(pod *v1.Pod) string { return pod.Namespace + "/" + pod.Name }

// apply stores a pod, or removes one that is to be deleted for good.
func (s *apiServer) apply(kind string, pod *v1.Pod) *v1.Pod {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	pod = pod.DeepCopy()
	pod.APIVersion, pod.Kind = "v1", "Pod"
	s.version++
	pod.ResourceVersion = fmt.Sprint(s.version)
	if pod.UID == "" {
		pod.UID = types.UID(fmt.Sprintf("uid-%d", s.version))
	}
	if kind == "DELETED" {
		delete(s.pods, key(pod))
	} else {
		s.pods[key(pod)] = pod
	}
	s.changes = append(s.changes, change{s.version, kind, pod})
	close(s.changed)
	s.changed = make(chan struct{})
	return pod
}

func (s *apiServer) get(name string) *v1.Pod {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.pods["test/"+name]
}

func (s *apiServer) listPods(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Has("watch") {
		s.watchPods(w, r)
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	list := v1.PodList{}
	list.APIVersion, list.Kind, list.ResourceVersion = "v1", "PodList", fmt.Sprint(s.version)
	for _, pod := range s.pods {
		list.Items = append(list.Items, *pod)
	}
	json.NewEncoder(w).Encode(list)
}

func (s *apiServer) watchPods(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("sendInitialEvents") == "true" {
		refuseInitialEvents(w)
		return
	}
	since := 0
	fmt.Sscan(r.URL.Query().Get("resourceVersion"), &since)
	for {
		s.mutex.Lock()
		changed := s.changed
		i := slices.IndexFunc(s.changes, func(c change) bool { return c.version > since })
		var next []change
		if i >= 0 {
			next = slices.Clone(s.changes[i:])
		}
		s.mutex.Unlock()
		for _, c := range next {
			since = c.version
			json.NewEncoder(w).Encode(map[string]any{"type": c.kind, "object": c.pod})
		}
		w.(http.Flusher).Flush()
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

// refuseInitialEvents answers as an API server that has no streamed lists, so that clients list.
func refuseInitialEvents(w http.ResponseWriter) {
	w.WriteHeader(http.StatusUnprocessableEntity)
	fmt.Fprint(w, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Invalid", "code": 422}`)
}

func (s *apiServer) createPod(w http.ResponseWriter, r *http.Request) {
	var pod v1.Pod
	json.NewDecoder(r.Body).Decode(&pod)
	pod.Namespace = r.PathValue("namespace")
	w.WriteHeader(http.StatusCreated)
	json.NewEncoder(w).Encode(s.apply("ADDED", &pod))
}

func (s *apiServer) updateStatus(w http.ResponseWriter, r *http.Request) {
	var pod v1.Pod
	json.NewDecoder(r.Body).Decode(&pod)
	stored := s.get(pod.Name).DeepCopy()
	if stored.ResourceVersion != pod.ResourceVersion {
		w.WriteHeader(http.StatusConflict)
		fmt.Fprint(w, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Conflict", "code": 409}`)
		return
	}
	stored.Status = pod.Status
	json.NewEncoder(w).Encode(s.apply("MODIFIED", stored))
}

func (s *apiServer) deletePod(w http.ResponseWriter, r *http.Request) {
	pod := s.get(r.PathValue("name"))
	if pod == nil {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}`)
		return
	}
	if len(pod.Finalizers) > 0 {
		zero := int64(0)
		pod = pod.DeepCopy()
		pod.DeletionGracePeriodSeconds = &zero
		json.NewEncoder(w).Encode(s.apply("MODIFIED", pod))
		return
	}
	json.NewEncoder(w).Encode(s.apply("DELETED", pod))
}

// setup is a front that runs before an API server of the test.
type setup struct {
	*apiServer
	names  names
	files  manifestFiles
	bridge *bridge
	front  *httptest.Server
}

func newSetup(t *testing.T) *setup {
	s := &setup{apiServer: newAPIServer(t), names: newNames("node1"), files: manifestFiles{t.TempDir()}}
	client, err := corev1.NewForConfig(&rest.Config{Host: s.URL, QPS: -1,
		ContentConfig: rest.ContentConfig{ContentType: "application/json"}})
	if err != nil {
		t.Fatal(err)
	}
	s.bridge = newBridge(s.names, s.files, client)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() {
		cancel()
		s.bridge.wait()
	})
	if err := s.bridge.start(ctx); err != nil {
		t.Fatal(err)
	}
	server, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	s.front = httptest.NewServer(newProxy(s.names, s.files, s.bridge, server, http.DefaultTransport))
	t.Cleanup(func() {
		s.front.CloseClientConnections()
		s.front.Close()
	})
	return s
}

// eventually waits for a condition, which other goroutines bring about.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not after 10 s: %s", what)
		}
	}
}

// mirror makes or changes the mirror pod that the node under test makes for a pod.
func (s *setup) mirror(pod *v1.Pod, kind, uid string, status v1.PodStatus) *v1.Pod {
	mirror := pod.DeepCopy()
	mirror.Name, mirror.UID, mirror.DeletionTimestamp = s.names.mirror(pod.Name), types.UID(uid), nil
	mirror.Annotations = map[string]string{v1.MirrorPodAnnotationKey: "hash", uidAnnotation: string(pod.UID)}
	mirror.Spec.NodeName = s.names.node
	mirror.Finalizers = nil
	mirror.Status = status
	return s.apply(kind, mirror)
}

func (s *setup) request(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, s.front.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer strings.Builder
	if _, err := fmt.Fprint(&answer, readAll(response)); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer.String()
}
