// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	v1 "k8s.io/api/core/v1"
)

// Annotations of a manifest of the front's. They tell its mirror pod from those of static pods that a test writes itself,
// and give containers the name and the UID that the test knows.
const (
	nameAnnotation = "conformance.jubelet.io/pod-name"
	uidAnnotation  = "conformance.jubelet.io/pod-uid"
)

// names translates between the pods that clients know and the mirror pods of the node.
type names struct {
	node string
	// Pods of clients are bound to a node that does not exist, because a node deletes or reports the pods of a cluster
	// that are bound to it and do not run there.
	stage string
}

func newNames(node string) names {
	return names{node: node, stage: node + ".front"}
}

// owns tells whether a pod is one that the front brings to the node.
func (n names) owns(pod *v1.Pod) bool {
	return pod.Spec.NodeName == n.stage
}

// mirror returns the name of the mirror pod of a pod.
func (n names) mirror(pod string) string {
	return pod + "-" + n.node
}

// mirrored returns the name of the pod that a mirror pod of the node shows.
func (n names) mirrored(mirror string) (string, bool) {
	return strings.CutSuffix(mirror, "-"+n.node)
}

// isMirror tells whether a pod is the mirror pod of one of ours.
func isMirror(pod *v1.Pod) bool {
	return pod.Annotations[uidAnnotation] != ""
}

// shows tells whether a mirror pod, or nil, is that of a pod and not of an earlier one with the same name.
func shows(mirror, pod *v1.Pod) bool {
	return mirror != nil && mirror.Annotations[uidAnnotation] == string(pod.UID)
}
