// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	v1 "k8s.io/api/core/v1"
)

// statusOf returns the status that a pod has when its mirror pod has the given one: the node's, with what other writers
// of a pod's status put there. generation is that of the pod which the mirror pod shows.
func statusOf(pod, mirror *v1.Pod, generation int64) *v1.PodStatus {
	status := mirror.Status.DeepCopy()
	for _, condition := range pod.Status.Conditions {
		if !hasCondition(status.Conditions, condition.Type) {
			status.Conditions = append(status.Conditions, condition)
		}
	}
	// The API server decides about these when the pod is created, and a scheduler afterwards.
	status.QOSClass = pod.Status.QOSClass
	status.NominatedNodeName = pod.Status.NominatedNodeName
	status.ResourceClaimStatuses = pod.Status.ResourceClaimStatuses
	// The node counts the generations of the mirror pod, which is another object.
	if status.ObservedGeneration != 0 {
		status.ObservedGeneration = generation
	}
	for i := range status.Conditions {
		if status.Conditions[i].ObservedGeneration != 0 {
			status.Conditions[i].ObservedGeneration = generation
		}
	}
	return status
}

func hasCondition(conditions []v1.PodCondition, kind v1.PodConditionType) bool {
	for _, condition := range conditions {
		if condition.Type == kind {
			return true
		}
	}
	return false
}
