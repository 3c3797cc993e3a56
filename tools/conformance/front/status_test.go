// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	v1 "k8s.io/api/core/v1"
)

func TestStatusIsTheNodesWithWhatOthersWrote(t *testing.T) {
	mirror := &v1.Pod{Status: v1.PodStatus{
		Phase:    v1.PodRunning,
		PodIP:    "10.0.0.1",
		QOSClass: v1.PodQOSBestEffort,
		Conditions: []v1.PodCondition{
			{Type: v1.PodReady, Status: v1.ConditionTrue},
		},
	}}
	original := pod("web", func(p *v1.Pod) {
		p.Status = v1.PodStatus{
			Phase:             v1.PodPending,
			QOSClass:          v1.PodQOSGuaranteed,
			NominatedNodeName: "n",
			Conditions: []v1.PodCondition{
				{Type: v1.PodReady, Status: v1.ConditionFalse},
				{Type: "test/gate", Status: v1.ConditionTrue},
			},
		}
	})

	status := statusOf(original, mirror, 3)

	if status.Phase != v1.PodRunning || status.PodIP != "10.0.0.1" {
		t.Errorf("status %v", status)
	}
	if status.QOSClass != v1.PodQOSGuaranteed || status.NominatedNodeName != "n" {
		t.Errorf("what the API server decides: %v", status)
	}
	if len(status.Conditions) != 2 || status.Conditions[0].Status != v1.ConditionTrue || status.Conditions[1].Type != "test/gate" {
		t.Errorf("conditions %v", status.Conditions)
	}
	if status.ObservedGeneration != 0 {
		t.Errorf("generation %d, of which the node says nothing", status.ObservedGeneration)
	}
	if len(mirror.Status.Conditions) != 1 {
		t.Error("the mirror pod was changed")
	}
}

func TestStatusHasTheGenerationOfThePod(t *testing.T) {
	mirror := &v1.Pod{Status: v1.PodStatus{
		ObservedGeneration: 1,
		Conditions:         []v1.PodCondition{{Type: v1.PodReady, ObservedGeneration: 1}},
	}}
	status := statusOf(pod("web"), mirror, 5)
	if status.ObservedGeneration != 5 || status.Conditions[0].ObservedGeneration != 5 {
		t.Errorf("status %v", status)
	}
}
