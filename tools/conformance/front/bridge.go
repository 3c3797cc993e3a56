// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"log"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

const (
	workers = 4
	// How long a deleted pod whose manifest was seen by no mirror pod waits for one, because the node may be about to
	// start it.
	mirrorTime = 3 * time.Second
	// A manifest without a mirror pod after this time is reported, because the node refuses it.
	refusalTime = 15 * time.Second
)

// bridge brings pods to the node and their statuses back.
type bridge struct {
	names  names
	files  manifestFiles
	client corev1.CoreV1Interface
	pods   cache.SharedIndexInformer
	events cache.SharedIndexInformer
	queue  workqueue.TypedRateLimitingInterface[types.NamespacedName]

	running sync.WaitGroup

	mutex  sync.Mutex
	states map[types.NamespacedName]podState
	// The latest mirror pod that was seen of each pod, also after its deletion, because it may have changed just before.
	mirrors map[types.NamespacedName]*v1.Pod
	// The UID of the latest pod of each name. It is kept because events come after the end of a pod.
	uids map[types.NamespacedName]types.UID
}

// podState is what the bridge did for a pod. A worker replaces it as a whole.
type podState struct {
	uid types.UID
	// When the manifest was written, and the mirror pod that was there before.
	written  time.Time
	previous types.UID
	// The generation that the manifest has, and the one that the latest mirror pod shows.
	generation, shown int64
	shownBy           types.UID
	removed           time.Time
	reported          bool
}

func newBridge(names names, files manifestFiles, client corev1.CoreV1Interface) *bridge {
	return &bridge{
		names:  names,
		files:  files,
		client: client,
		queue: workqueue.NewTypedRateLimitingQueue(
			workqueue.NewTypedItemExponentialFailureRateLimiter[types.NamespacedName](50*time.Millisecond, 5*time.Second)),
		states:  map[types.NamespacedName]podState{},
		mirrors: map[types.NamespacedName]*v1.Pod{},
		uids:    map[types.NamespacedName]types.UID{},
	}
}

// start reads all pods and then works until the context ends.
func (b *bridge) start(ctx context.Context) error {
	b.pods = cache.NewSharedIndexInformer(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			return b.client.Pods("").List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return b.client.Pods("").Watch(ctx, o)
		},
	}, &v1.Pod{}, 0, cache.Indexers{})
	if _, err := b.pods.AddEventHandler(onEach(b.enqueue)); err != nil {
		return err
	}
	copier := eventCopier{b}
	if err := copier.watch(); err != nil {
		return err
	}
	go b.pods.RunWithContext(ctx)
	go b.events.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), b.pods.HasSynced) {
		return ctx.Err()
	}
	if err := b.removeStrays(); err != nil {
		return err
	}
	for range workers {
		b.running.Go(func() { b.work(ctx) })
	}
	b.running.Go(func() { namespaceCleaner{b}.run(ctx) })
	context.AfterFunc(ctx, b.queue.ShutDown)
	return nil
}

// wait returns when nothing works any more, after the end of the context.
func (b *bridge) wait() {
	b.running.Wait()
}

// onEach calls a function with each object that is added, changed or deleted.
func onEach(call func(object any)) cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    call,
		UpdateFunc: func(_, object any) { call(object) },
		DeleteFunc: func(object any) {
			if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = unknown.Obj
			}
			call(object)
		},
	}
}

func (b *bridge) enqueue(object any) {
	pod, ok := object.(*v1.Pod)
	if !ok {
		return
	}
	key := types.NamespacedName{Namespace: pod.Namespace, Name: pod.Name}
	if isMirror(pod) {
		name, ok := b.names.mirrored(pod.Name)
		if !ok {
			return
		}
		key.Name = name
		b.mutex.Lock()
		b.mirrors[key] = pod
		b.mutex.Unlock()
	} else if b.names.owns(pod) {
		b.mutex.Lock()
		b.uids[key] = pod.UID
		b.mutex.Unlock()
	} else {
		return
	}
	b.queue.Add(key)
}

// removeStrays removes manifests that an earlier front left.
func (b *bridge) removeStrays() error {
	pods, err := b.files.list(podFile)
	for _, pod := range pods {
		if b.owned(pod.namespace, pod.name) == nil {
			_, failed := b.files.remove(podFile, pod.namespace, pod.name)
			err = errors.Join(err, failed)
		}
	}
	return err
}

func (b *bridge) get(namespace, name string) *v1.Pod {
	object, ok, err := b.pods.GetStore().GetByKey(namespace + "/" + name)
	if err != nil || !ok {
		return nil
	}
	return object.(*v1.Pod)
}

// owned returns the pod of this name if it is one of ours, else nil.
func (b *bridge) owned(namespace, name string) *v1.Pod {
	if pod := b.get(namespace, name); pod != nil && b.names.owns(pod) {
		return pod
	}
	return nil
}

// mirrorOf returns the mirror pod of the pod of this name, which may be an earlier one, or nil.
func (b *bridge) mirrorOf(namespace, name string) *v1.Pod {
	if mirror := b.get(namespace, b.names.mirror(name)); mirror != nil && isMirror(mirror) {
		return mirror
	}
	return nil
}

func (b *bridge) work(ctx context.Context) {
	for {
		key, ended := b.queue.Get()
		if ended {
			return
		}
		err := b.reconcile(ctx, key)
		switch {
		case err == nil:
			b.queue.Forget(key)
		case apierrors.IsConflict(err) || apierrors.IsNotFound(err):
			// The watch tells of what is there instead.
			b.queue.AddRateLimited(key)
		case ctx.Err() == nil:
			log.Printf("%s: %v", key, err)
			b.queue.AddRateLimited(key)
		}
		b.queue.Done(key)
	}
}

// reconcile does what the pod of a name needs now. No two workers have the same name at once.
func (b *bridge) reconcile(ctx context.Context, key types.NamespacedName) error {
	pod, mirror := b.owned(key.Namespace, key.Name), b.mirrorOf(key.Namespace, key.Name)
	if pod == nil {
		b.forget(key)
		_, err := b.files.remove(podFile, key.Namespace, key.Name)
		return err
	}
	state := b.state(key)
	if state.uid != pod.UID {
		state = podState{uid: pod.UID}
	}
	defer func() { b.setState(key, &state) }()

	if pod.DeletionTimestamp != nil {
		return b.end(ctx, key, pod, mirror, &state)
	}
	if err := b.writeManifest(key, pod, mirror, &state); err != nil {
		return err
	}
	if !shows(mirror, pod) {
		b.reportRefusal(key, &state)
		return nil
	}
	_, err := b.copyStatus(ctx, pod, mirror, &state)
	return err
}

func (b *bridge) writeManifest(key types.NamespacedName, pod, mirror *v1.Pod, state *podState) error {
	content, err := podManifest(pod)
	if err != nil {
		return err
	}
	changed, err := b.files.write(podFile, key.Namespace, key.Name, content)
	if err != nil {
		return err
	}
	state.generation = pod.Generation
	if changed {
		state.written, state.reported, state.previous = time.Now(), false, ""
		if mirror != nil {
			state.previous = mirror.UID
		}
	} else if mirror != nil && state.shownBy == mirror.UID && state.previous != mirror.UID {
		// A change that the manifest does not show is observed at once.
		state.shown = pod.Generation
	}
	return nil
}

// mirrored tells whether the mirror pod is that of the last manifest.
func (s *podState) mirrored(mirror *v1.Pod) bool {
	return mirror != nil && mirror.UID != s.previous
}

// copyStatus tells whether the pod has another status now.
func (b *bridge) copyStatus(ctx context.Context, pod, mirror *v1.Pod, state *podState) (bool, error) {
	if state.shownBy != mirror.UID && state.mirrored(mirror) {
		state.shown, state.shownBy = state.generation, mirror.UID
	}
	status := statusOf(pod, mirror, state.shown)
	if equality.Semantic.DeepEqual(*status, pod.Status) {
		return false, nil
	}
	changed := pod.DeepCopy()
	changed.Status = *status
	_, err := b.client.Pods(pod.Namespace).UpdateStatus(ctx, changed, metav1.UpdateOptions{})
	return true, err
}

// end stops a pod that was deleted, and deletes it for good when the node has nothing of it.
func (b *bridge) end(ctx context.Context, key types.NamespacedName, pod, mirror *v1.Pod, state *podState) error {
	if _, err := b.files.remove(podFile, key.Namespace, key.Name); err != nil {
		return err
	}
	if state.removed.IsZero() {
		state.removed = time.Now()
	}
	if shows(mirror, pod) {
		state.previous = ""
		_, err := b.copyStatus(ctx, pod, mirror, state)
		return err
	}
	// The mirror pod is missing for a moment after each edit, and until the node has seen the manifest.
	awaited := state.shownBy == "" || state.previous != ""
	if rest := mirrorTime - time.Since(state.removed); awaited && rest > 0 {
		b.queue.AddAfter(key, rest)
		return nil
	}
	if last := b.lastMirror(key); shows(last, pod) {
		// The watch brings the pod again with its last status.
		if changed, err := b.copyStatus(ctx, pod, last, state); changed || err != nil {
			return err
		}
	}
	if len(pod.Finalizers) > 0 && pod.DeletionGracePeriodSeconds != nil && *pod.DeletionGracePeriodSeconds == 0 {
		return nil
	}
	now := int64(0)
	err := b.client.Pods(pod.Namespace).Delete(ctx, pod.Name,
		metav1.DeleteOptions{GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &pod.UID}})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// reportRefusal logs that a node does not take a manifest, because a test then fails for want of any status.
func (b *bridge) reportRefusal(key types.NamespacedName, state *podState) {
	if state.reported {
		return
	}
	if rest := refusalTime - time.Since(state.written); rest > 0 {
		b.queue.AddAfter(key, rest)
		return
	}
	state.reported = true
	log.Printf("%s: the node made no mirror pod of its manifest", key)
}

func (b *bridge) state(key types.NamespacedName) podState {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.states[key]
}

func (b *bridge) setState(key types.NamespacedName, state *podState) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.states[key] = *state
}

func (b *bridge) forget(key types.NamespacedName) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	delete(b.states, key)
	delete(b.mirrors, key)
}

func (b *bridge) lastMirror(key types.NamespacedName) *v1.Pod {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.mirrors[key]
}

func (b *bridge) uid(key types.NamespacedName) (types.UID, bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	uid, ok := b.uids[key]
	return uid, ok
}
