// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"maps"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Annotations with this prefix are the node's own; a manifest that has them is not what a user would write.
const kubeletAnnotations = "kubernetes.io/config."

// The longest host name, to which a kubelet cuts the name of a pod.
const maxHostname = 63

// podManifest returns what a user would write into a manifest to have the pod run under its own name.
func podManifest(pod *v1.Pod) ([]byte, error) {
	annotations := maps.Clone(pod.Annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	maps.DeleteFunc(annotations, func(key, _ string) bool { return strings.HasPrefix(key, kubeletAnnotations) })
	annotations[nameAnnotation] = pod.Name
	annotations[uidAnnotation] = string(pod.UID)

	spec := pod.Spec.DeepCopy()
	spec.NodeName = ""
	// The API server refuses a mirror pod with a service account.
	spec.ServiceAccountName = ""
	spec.DeprecatedServiceAccount = ""
	spec.EphemeralContainers = nil
	spec.Hostname = hostname(pod)
	translateFieldReferences(spec)

	return json.Marshal(struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              *v1.PodSpec `json:"spec"`
	}{
		metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace, Labels: pod.Labels, Annotations: annotations},
		spec,
	})
}

// hostname returns the host name that a pod of the API has. A static pod without one has its name with that of the node.
func hostname(pod *v1.Pod) string {
	name := pod.Name
	if pod.Spec.Hostname != "" || pod.Spec.HostNetwork || pod.Spec.HostnameOverride != nil {
		return pod.Spec.Hostname
	}
	if len(name) > maxHostname {
		name = strings.TrimRight(name[:maxHostname], "-.")
	}
	if len(validation.IsDNS1123Label(name)) > 0 {
		return ""
	}
	return name
}

// translateFieldReferences lets what runs in a pod see the name and the UID of the pod that the test created.
func translateFieldReferences(spec *v1.PodSpec) {
	for _, containers := range [][]v1.Container{spec.InitContainers, spec.Containers} {
		for _, container := range containers {
			for _, variable := range container.Env {
				if variable.ValueFrom != nil {
					translateFieldReference(variable.ValueFrom.FieldRef)
				}
			}
		}
	}
	for _, volume := range spec.Volumes {
		if volume.DownwardAPI != nil {
			translateFiles(volume.DownwardAPI.Items)
		}
		if volume.Projected == nil {
			continue
		}
		for _, source := range volume.Projected.Sources {
			if source.DownwardAPI != nil {
				translateFiles(source.DownwardAPI.Items)
			}
		}
	}
}

func translateFiles(files []v1.DownwardAPIVolumeFile) {
	for _, file := range files {
		translateFieldReference(file.FieldRef)
	}
}

func translateFieldReference(field *v1.ObjectFieldSelector) {
	if field == nil {
		return
	}
	switch field.FieldPath {
	case "metadata.name":
		field.FieldPath = "metadata.annotations['" + nameAnnotation + "']"
	case "metadata.uid":
		field.FieldPath = "metadata.annotations['" + uidAnnotation + "']"
	}
}
