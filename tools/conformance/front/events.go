// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// The events of a mirror pod are copied to its pod, so that selectors by name, UID and field path find them. The
// annotation tells copies from originals.
const (
	copyAnnotation = "conformance.jubelet.io/copy-of"
	copySuffix     = ".front"
)

type eventCopier struct {
	*bridge
}

func (c eventCopier) watch() error {
	ofPods := fields.OneTermEqualSelector("involvedObject.kind", "Pod").String()
	c.events = cache.NewSharedIndexInformer(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.FieldSelector = ofPods
			return c.client.Events("").List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.FieldSelector = ofPods
			return c.client.Events("").Watch(ctx, o)
		},
	}, &v1.Event{}, 0, cache.Indexers{})
	_, err := c.events.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    c.copy,
		UpdateFunc: func(_, object any) { c.copy(object) },
	})
	return err
}

// copy runs in the informer's only handler, so copies keep the order of their originals.
func (c eventCopier) copy(object any) {
	event, ok := object.(*v1.Event)
	if !ok {
		return
	}
	name, ok := c.names.mirrored(event.InvolvedObject.Name)
	if !ok {
		return
	}
	uid, ok := c.uid(types.NamespacedName{Namespace: event.Namespace, Name: name})
	if !ok {
		return
	}
	copied := copyOf(event, name, uid)
	events := c.client.Events(event.Namespace)
	_, err := events.Create(context.Background(), copied, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		_, err = events.Update(context.Background(), copied, metav1.UpdateOptions{})
	}
	if err != nil && !apierrors.HasStatusCause(err, v1.NamespaceTerminatingCause) {
		log.Printf("event %s/%s: %v", event.Namespace, event.Name, err)
	}
}

// copyOf returns an event of a mirror pod as an event of its pod.
func copyOf(event *v1.Event, name string, uid types.UID) *v1.Event {
	copied := event.DeepCopy()
	copied.ObjectMeta = metav1.ObjectMeta{
		Name:        event.Name + copySuffix,
		Namespace:   event.Namespace,
		Annotations: map[string]string{copyAnnotation: event.Name},
	}
	copied.InvolvedObject.Name = name
	copied.InvolvedObject.UID = uid
	return copied
}
