// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	v1 "k8s.io/api/core/v1"
)

// podView shows a client the pods of a response as it knows them: without mirror pods of ours, and bound to the node.
// Objects are kept as JSON has them, so that nothing of another version of the API is lost.
type podView struct {
	names names
	// onNode leaves out what is not bound to the node under test.
	onNode bool
}

func (v podView) modify(response *http.Response) error {
	if response.Request.URL.Query().Has("watch") && response.Request.Method == http.MethodGet {
		modifyWatch(response, v.showEvent)
		return nil
	}
	return modifyObject(response, func(object map[string]any) error {
		v.showObject(object)
		return nil
	})
}

// showObject translates a pod or the pods of a list.
func (v podView) showObject(object map[string]any) {
	items, ok := object["items"].([]any)
	if !ok {
		v.showPod(object)
		return
	}
	shown := []any{}
	for _, item := range items {
		if pod, ok := item.(map[string]any); !ok || v.showPod(pod) {
			shown = append(shown, item)
		}
	}
	object["items"] = shown
}

// showEvent translates the pod of an event of a watch and tells whether the client sees it.
func (v podView) showEvent(event map[string]any) bool {
	pod, ok := event["object"].(map[string]any)
	if !ok || text(pod, "kind") != "Pod" || text(event, "type") == "BOOKMARK" {
		return true
	}
	return v.showPod(pod)
}

// showPod translates a pod and tells whether a client finds it in a list.
func (v podView) showPod(pod map[string]any) bool {
	annotations, _ := value(pod, "metadata", "annotations").(map[string]any)
	if annotations[v1.MirrorPodAnnotationKey] != nil && annotations[uidAnnotation] != nil {
		return false
	}
	spec, ok := pod["spec"].(map[string]any)
	if !ok {
		return true
	}
	if spec["nodeName"] == v.names.stage {
		spec["nodeName"] = v.names.node
	}
	return !v.onNode || spec["nodeName"] == v.names.node
}

func value(object map[string]any, path ...string) any {
	var found any = object
	for _, name := range path {
		inner, ok := found.(map[string]any)
		if !ok {
			return nil
		}
		found = inner[name]
	}
	return found
}

func text(object map[string]any, path ...string) string {
	found, _ := value(object, path...).(string)
	return found
}

type responseKey struct{}

// withResponse returns the request with a function that changes a successful response to it.
func withResponse(r *http.Request, modify func(*http.Response) error) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), responseKey{}, modify))
}

func modifyResponse(response *http.Response) error {
	modify, ok := response.Request.Context().Value(responseKey{}).(func(*http.Response) error)
	if !ok || response.StatusCode >= http.StatusMultipleChoices {
		return nil
	}
	return modify(response)
}

// modifyObject changes the object in the body of a response.
func modifyObject(response *http.Response, modify func(map[string]any) error) error {
	var object map[string]any
	err := decoder(response.Body).Decode(&object)
	response.Body.Close()
	if err == nil {
		err = modify(object)
	}
	if err != nil {
		return err
	}
	body, err := json.Marshal(object)
	if err != nil {
		return err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.ContentLength = int64(len(body))
	response.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

// modifyWatch changes the events of a watch, or drops them, as they pass.
func modifyWatch(response *http.Response, show func(map[string]any) bool) {
	reader, writer := io.Pipe()
	body := response.Body
	response.Body = watchBody{reader, body}
	response.ContentLength = -1
	response.Header.Del("Content-Length")
	go func() {
		events, shown := decoder(body), json.NewEncoder(writer)
		for {
			var event map[string]any
			err := events.Decode(&event)
			if err == nil && show(event) {
				err = shown.Encode(event)
			}
			if err != nil {
				writer.CloseWithError(err)
				return
			}
		}
	}()
}

// watchBody ends the request to the API server when the client has gone.
type watchBody struct {
	*io.PipeReader
	body io.Closer
}

func (b watchBody) Close() error {
	b.PipeReader.Close()
	return b.body.Close()
}

// decoder keeps numbers as they are written.
func decoder(reader io.Reader) *json.Decoder {
	decoder := json.NewDecoder(reader)
	decoder.UseNumber()
	return decoder
}
