// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (s *setup) manifest() string {
	content, err := os.ReadFile(s.files.path(podFile, "test", "web"))
	if err != nil {
		return ""
	}
	return string(content)
}

func (s *setup) deletion(t *testing.T, change ...func(*v1.Pod)) {
	t.Helper()
	deleted := s.get("web").DeepCopy()
	deleted.DeletionTimestamp = &metav1.Time{Time: time.Now()}
	grace := int64(30)
	deleted.DeletionGracePeriodSeconds = &grace
	for _, c := range change {
		c(deleted)
	}
	s.apply("MODIFIED", deleted)
}

// running brings a pod to the node, which then shows it as running.
func running(t *testing.T, change ...func(*v1.Pod)) *setup {
	t.Helper()
	s := newSetup(t)
	created := s.apply("ADDED", pod("web", change...))
	eventually(t, "the manifest", func() bool { return s.manifest() != "" })
	s.mirror(created, "ADDED", "mirror-1", v1.PodStatus{Phase: v1.PodRunning})
	eventually(t, "the status", func() bool { return s.get("web").Status.Phase == v1.PodRunning })
	return s
}

func TestAnEditChangesTheManifest(t *testing.T) {
	s := running(t)
	edited := s.get("web").DeepCopy()
	edited.Spec.Containers[0].Image = "busybox:2"
	s.apply("MODIFIED", edited)
	eventually(t, "the new image", func() bool { return strings.Contains(s.manifest(), "busybox:2") })
}

func TestADeletedPodStaysUntilItsMirrorPodIsGone(t *testing.T) {
	s := running(t)
	s.deletion(t)
	eventually(t, "no manifest", func() bool { return s.manifest() == "" })
	mirror := s.get("web-node1").DeepCopy()
	mirror.Status.Phase = v1.PodSucceeded
	s.apply("MODIFIED", mirror)
	eventually(t, "how it ended", func() bool { return s.get("web") != nil && s.get("web").Status.Phase == v1.PodSucceeded })
	s.apply("DELETED", mirror)
	eventually(t, "its end", func() bool { return s.get("web") == nil })
}

func TestAFinalizerKeepsAPodThatHasEnded(t *testing.T) {
	s := running(t, func(p *v1.Pod) { p.Finalizers = []string{"test/finalizer"} })
	s.deletion(t)
	eventually(t, "no manifest", func() bool { return s.manifest() == "" })
	s.apply("DELETED", s.get("web-node1"))
	eventually(t, "the grace period is over", func() bool { return *s.get("web").DeletionGracePeriodSeconds == 0 })
}

func TestAPodShowsHowItEndedThoughItsMirrorPodIsGone(t *testing.T) {
	s := running(t, func(p *v1.Pod) { p.Finalizers = []string{"test/finalizer"} })
	s.deletion(t)
	mirror := s.get("web-node1").DeepCopy()
	mirror.Status.Phase = v1.PodFailed
	s.apply("DELETED", mirror)
	eventually(t, "how it ended", func() bool { return s.get("web").Status.Phase == v1.PodFailed })
	eventually(t, "the grace period is over", func() bool { return *s.get("web").DeletionGracePeriodSeconds == 0 })
}

func TestAForcedDeletionRemovesTheManifest(t *testing.T) {
	s := running(t)
	s.apply("DELETED", s.get("web"))
	eventually(t, "no manifest", func() bool { return s.manifest() == "" })
}

func TestTheMirrorPodOfAnEarlierPodIsNotItsStatus(t *testing.T) {
	s := running(t)
	mirror := s.get("web-node1").DeepCopy()
	s.apply("DELETED", s.get("web"))
	next := s.apply("ADDED", pod("web", func(p *v1.Pod) { p.UID = "uid-2" }))
	eventually(t, "the next manifest", func() bool { return strings.Contains(s.manifest(), "uid-2") })
	mirror.Status.Phase = v1.PodFailed
	s.apply("MODIFIED", mirror)
	s.apply("DELETED", mirror)
	s.mirror(next, "ADDED", "mirror-2", v1.PodStatus{Phase: v1.PodSucceeded})
	eventually(t, "its own status", func() bool { return s.get("web").Status.Phase == v1.PodSucceeded })
	for _, c := range s.history() {
		if c.pod.UID == "uid-2" && c.pod.Status.Phase == v1.PodFailed {
			t.Error("it had the status of the earlier pod")
		}
	}
}

func TestStatusesOfOthersStay(t *testing.T) {
	s := running(t)
	patched := s.get("web").DeepCopy()
	patched.Status.Conditions = append(patched.Status.Conditions, v1.PodCondition{Type: "test/gate", Status: v1.ConditionTrue})
	s.apply("MODIFIED", patched)
	mirror := s.get("web-node1").DeepCopy()
	mirror.Status.PodIP = "10.0.0.9"
	s.apply("MODIFIED", mirror)
	eventually(t, "the address", func() bool { return s.get("web").Status.PodIP == "10.0.0.9" })
	if conditions := s.get("web").Status.Conditions; len(conditions) != 1 {
		t.Errorf("conditions %v", conditions)
	}
}

func TestEventsOfAMirrorPodBecomeThoseOfThePod(t *testing.T) {
	original := &v1.Event{
		ObjectMeta:     metav1.ObjectMeta{Name: "web-node1.1", Namespace: "test", UID: "e", ResourceVersion: "4"},
		InvolvedObject: v1.ObjectReference{Kind: "Pod", Name: "web-node1", UID: "hash", FieldPath: "spec.containers{main}"},
		Reason:         "Killing", Count: 2,
	}
	s := running(t)
	eventCopier{s.bridge}.copy(original)
	events := s.created()
	if len(events) != 1 {
		t.Fatalf("events %v", events)
	}
	copied := events[0]
	want := v1.ObjectReference{Kind: "Pod", Name: "web", UID: "uid-1", FieldPath: "spec.containers{main}"}
	if copied.InvolvedObject != want || copied.Reason != "Killing" || copied.Count != 2 {
		t.Errorf("copy %v", copied)
	}
	if copied.Name == original.Name || copied.ResourceVersion != "" || copied.UID != "" {
		t.Errorf("metadata %v", copied.ObjectMeta)
	}
}

func TestEventsOfOtherPodsAreNotCopied(t *testing.T) {
	s := running(t)
	for _, name := range []string{"web", "other-node1", "own-node2"} {
		eventCopier{s.bridge}.copy(&v1.Event{
			ObjectMeta:     metav1.ObjectMeta{Name: "e", Namespace: "test"},
			InvolvedObject: v1.ObjectReference{Kind: "Pod", Name: name},
		})
	}
	if events := s.created(); len(events) != 0 {
		t.Errorf("events %v", events)
	}
}
