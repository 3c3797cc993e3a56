// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

const (
	// An API server takes no larger object.
	maxBody = 3 << 20
	// How long a request for the streams of a pod waits for its mirror pod, which is missing for a moment after an edit.
	streamTime = 10 * time.Second
)

// proxy serves the API of the API server, with the pods of clients in place of the mirror pods of the node.
type proxy struct {
	names  names
	files  manifestFiles
	bridge *bridge
	// reverse passes a request on as it is.
	reverse *httputil.ReverseProxy
}

func newProxy(names names, files manifestFiles, bridge *bridge, server *url.URL, transport http.RoundTripper) *proxy {
	return &proxy{names: names, files: files, bridge: bridge, reverse: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(server)
			// Clients of a test have no credentials, or those of another server.
			r.Out.Header.Del("Authorization")
			// Left to the transport, which decompresses what it asked for.
			r.Out.Header.Del("Accept-Encoding")
		},
		Transport:      transport,
		FlushInterval:  -1,
		ModifyResponse: modifyResponse,
	}}
}

// target is the object, or the collection, of the core API that a path names.
type target struct {
	namespace, resource, name, subresource string
}

func targetOf(path string) (target, bool) {
	rest, ok := strings.CutPrefix(path, "/api/v1/")
	if !ok {
		return target{}, false
	}
	parts := strings.Split(rest, "/")
	var t target
	if parts[0] == "namespaces" && len(parts) > 2 {
		t.namespace, parts = parts[1], parts[2:]
	}
	t.resource = parts[0]
	if len(parts) > 1 {
		t.name = parts[1]
	}
	if len(parts) > 2 {
		t.subresource = strings.Join(parts[2:], "/")
	}
	return t, true
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t, ok := targetOf(r.URL.Path)
	switch {
	case ok && t.resource == "pods":
		p.servePods(w, r, t)
	case ok && configKinds[t.resource].kind != "" && r.Method != http.MethodGet:
		p.serveConfig(w, r, t)
	default:
		p.reverse.ServeHTTP(w, r)
	}
}

func (p *proxy) servePods(w http.ResponseWriter, r *http.Request, t target) {
	subresource, _, _ := strings.Cut(t.subresource, "/")
	switch subresource {
	case "", "status", "resize":
		p.servePodObjects(w, r, t)
	case "ephemeralcontainers":
		if r.Method != http.MethodGet && p.bridge.owned(t.namespace, t.name) != nil {
			refuse(w, apierrors.NewMethodNotSupported(schema.GroupResource{Resource: "pods/ephemeralcontainers"}, r.Method))
			return
		}
		p.servePodObjects(w, r, t)
	case "log", "exec", "attach", "portforward", "proxy":
		if p.awaitMirror(r, t) {
			r.URL.Path = fmt.Sprintf("/api/v1/namespaces/%s/pods/%s/%s", t.namespace, p.names.mirror(t.name), t.subresource)
			r.URL.RawPath = ""
		}
		p.reverse.ServeHTTP(w, r)
	default:
		p.reverse.ServeHTTP(w, r)
	}
}

// awaitMirror tells whether a pod is ours, and returns when its mirror pod is there, or does not come.
func (p *proxy) awaitMirror(r *http.Request, t target) bool {
	for end := time.Now().Add(streamTime); ; {
		pod := p.bridge.owned(t.namespace, t.name)
		if pod == nil {
			return false
		}
		if shows(p.bridge.mirrorOf(t.namespace, t.name), pod) || time.Now().After(end) {
			return true
		}
		select {
		case <-r.Context().Done():
			return true
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (p *proxy) servePodObjects(w http.ResponseWriter, r *http.Request, t target) {
	if r.Method == http.MethodDelete && t.name == "" {
		p.deleteCollection(w, r, t)
		return
	}
	if (r.Method == http.MethodPost || r.Method == http.MethodPut) && !p.translateBody(w, r) {
		return
	}
	view := podView{names: p.names}
	if r.Method == http.MethodGet && t.name == "" {
		view.onNode = p.takeNodeSelector(r)
	}
	r.Header.Set("Accept", "application/json")
	p.reverse.ServeHTTP(w, withResponse(r, view.modify))
}

// translateBody binds the pod in the body of a request to the node that stands for the one under test.
func (p *proxy) translateBody(w http.ResponseWriter, r *http.Request) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, apierrors.NewRequestEntityTooLargeError(err.Error()))
		return false
	}
	object, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
	pod, ok := object.(*v1.Pod)
	if err != nil || !ok {
		// The API server says what is wrong with it.
		setBody(r, body, r.Header.Get("Content-Type"))
		return true
	}
	if pod.Spec.NodeName == "" || pod.Spec.NodeName == p.names.node {
		pod.Spec.NodeName = p.names.stage
	}
	if body, err = json.Marshal(pod); err != nil {
		refuse(w, apierrors.NewInternalError(err))
		return false
	}
	setBody(r, body, "application/json")
	return true
}

func setBody(r *http.Request, body []byte, contentType string) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	r.Header.Set("Content-Type", contentType)
}

// takeNodeSelector removes a selector of the node under test, because pods and mirror pods are bound to different ones.
// It tells whether there was one.
func (p *proxy) takeNodeSelector(r *http.Request) bool {
	query := r.URL.Query()
	var kept []string
	taken := false
	for _, term := range strings.Split(query.Get("fieldSelector"), ",") {
		field, value, _ := strings.Cut(term, "=")
		if field == "spec.nodeName" && strings.TrimPrefix(value, "=") == p.names.node {
			taken = true
		} else {
			kept = append(kept, term)
		}
	}
	if taken {
		query.Set("fieldSelector", strings.Join(kept, ","))
		r.URL.RawQuery = query.Encode()
	}
	return taken
}

// deleteCollection deletes the pods of a selection one by one, because that of the API server contains mirror pods.
func (p *proxy) deleteCollection(w http.ResponseWriter, r *http.Request, t target) {
	query := r.URL.Query()
	options, err := deleteOptions(w, r)
	if err != nil {
		refuse(w, apierrors.NewBadRequest(err.Error()))
		return
	}
	pods, err := p.bridge.client.Pods(t.namespace).List(r.Context(),
		metav1.ListOptions{LabelSelector: query.Get("labelSelector"), FieldSelector: query.Get("fieldSelector")})
	if err == nil {
		for _, pod := range pods.Items {
			if !isMirror(&pod) {
				err = errors.Join(err, p.bridge.client.Pods(pod.Namespace).Delete(r.Context(), pod.Name, options))
			}
		}
	}
	if err != nil {
		refuse(w, apierrors.NewInternalError(err))
		return
	}
	answer(w, http.StatusOK, metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusSuccess, Code: http.StatusOK})
}

func deleteOptions(w http.ResponseWriter, r *http.Request) (metav1.DeleteOptions, error) {
	var options metav1.DeleteOptions
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil || len(body) == 0 {
		return options, err
	}
	_, _, err = scheme.Codecs.UniversalDeserializer().Decode(body, nil, &options)
	return options, err
}

// configKinds are the kinds of objects besides pods that the manifest directory takes.
var configKinds = map[string]struct{ kind, file string }{
	"configmaps": {"ConfigMap", configMapFile},
	"secrets":    {"Secret", secretFile},
}

// serveConfig passes a change of a ConfigMap or a Secret on, and repeats it in the manifest directory before the client
// hears of it, so that the node never finds a pod before what it refers to.
func (p *proxy) serveConfig(w http.ResponseWriter, r *http.Request, t target) {
	r.Header.Set("Accept", "application/json")
	if r.URL.Query().Has("dryRun") {
		p.reverse.ServeHTTP(w, r)
		return
	}
	p.reverse.ServeHTTP(w, withResponse(r, func(response *http.Response) error {
		return modifyObject(response, func(object map[string]any) error {
			return p.applyConfig(response.Request.Method, t, object)
		})
	}))
}

func (p *proxy) applyConfig(method string, t target, object map[string]any) error {
	kind := configKinds[t.resource]
	if method != http.MethodDelete {
		name := text(object, "metadata", "name")
		content, err := json.Marshal(configManifest(kind.kind, t.namespace, name, object))
		if err == nil {
			_, err = p.files.write(kind.file, t.namespace, name, content)
		}
		return err
	}
	if t.name != "" {
		_, err := p.files.remove(kind.file, t.namespace, t.name)
		return err
	}
	items, _ := object["items"].([]any)
	var err error
	for _, item := range items {
		if deleted, ok := item.(map[string]any); ok {
			_, failed := p.files.remove(kind.file, t.namespace, text(deleted, "metadata", "name"))
			err = errors.Join(err, failed)
		}
	}
	return err
}

// configManifest returns what a user would write into a manifest to have this ConfigMap or Secret.
func configManifest(kind, namespace, name string, object map[string]any) map[string]any {
	manifest := map[string]any{
		"apiVersion": "v1", "kind": kind,
		"metadata": map[string]any{"name": name, "namespace": namespace},
	}
	for _, field := range []string{"data", "binaryData", "type", "immutable"} {
		if value, ok := object[field]; ok && value != nil {
			manifest[field] = value
		}
	}
	return manifest
}

// refuse answers as an API server does.
func refuse(w http.ResponseWriter, err *apierrors.StatusError) {
	status := err.Status()
	status.APIVersion, status.Kind = "v1", "Status"
	answer(w, int(status.Code), status)
}

func answer(w http.ResponseWriter, code int, object any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(object); err != nil {
		log.Printf("a client went before its answer: %v", err)
	}
}
