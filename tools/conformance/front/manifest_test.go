// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func pod(name string, change ...func(*v1.Pod)) *v1.Pod {
	pod := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "test", UID: "uid-1", ResourceVersion: "7", Generation: 1},
		Spec: v1.PodSpec{
			NodeName:           "node1.front",
			ServiceAccountName: "default",
			Containers:         []v1.Container{{Name: "main", Image: "busybox"}},
		},
		Status: v1.PodStatus{Phase: v1.PodPending},
	}
	for _, c := range change {
		c(pod)
	}
	return pod
}

func manifestOf(t *testing.T, pod *v1.Pod) (map[string]any, *v1.Pod) {
	t.Helper()
	content, err := podManifest(pod)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	var parsed v1.Pod
	for _, into := range []any{&object, &parsed} {
		if err := json.Unmarshal(content, into); err != nil {
			t.Fatal(err)
		}
	}
	return object, &parsed
}

func TestManifestHasWhatAUserWrites(t *testing.T) {
	object, manifest := manifestOf(t, pod("web", func(p *v1.Pod) {
		p.Labels = map[string]string{"app": "web"}
		p.Annotations = map[string]string{"note": "kept", "kubernetes.io/config.source": "api"}
		p.Finalizers = []string{"test/finalizer"}
		p.OwnerReferences = []metav1.OwnerReference{{Name: "owner"}}
		p.Spec.EphemeralContainers = []v1.EphemeralContainer{{}}
	}))

	if object["apiVersion"] != "v1" || object["kind"] != "Pod" {
		t.Errorf("not a pod: %v", object)
	}
	if _, ok := object["status"]; ok {
		t.Error("a manifest has no status")
	}
	metadata := object["metadata"].(map[string]any)
	for _, field := range []string{"uid", "resourceVersion", "finalizers", "ownerReferences", "generation"} {
		if _, ok := metadata[field]; ok {
			t.Errorf("metadata.%s is the API server's", field)
		}
	}
	if manifest.Labels["app"] != "web" || manifest.Annotations["note"] != "kept" {
		t.Errorf("labels %v, annotations %v", manifest.Labels, manifest.Annotations)
	}
	if _, ok := manifest.Annotations["kubernetes.io/config.source"]; ok {
		t.Error("the annotations of a node are kept")
	}
	if manifest.Annotations[nameAnnotation] != "web" || manifest.Annotations[uidAnnotation] != "uid-1" {
		t.Errorf("annotations %v", manifest.Annotations)
	}
	if manifest.Spec.NodeName != "" || manifest.Spec.ServiceAccountName != "" || manifest.Spec.EphemeralContainers != nil {
		t.Errorf("spec %v", manifest.Spec)
	}
}

func TestManifestLeavesThePodAsItIs(t *testing.T) {
	original := pod("web", func(p *v1.Pod) {
		p.Spec.Containers[0].Env = []v1.EnvVar{field("NAME", "metadata.name")}
	})
	before := original.DeepCopy()
	manifestOf(t, original)
	if got, want := original.String(), before.String(); got != want {
		t.Errorf("changed to %s", got)
	}
}

func field(name, path string) v1.EnvVar {
	return v1.EnvVar{Name: name, ValueFrom: &v1.EnvVarSource{FieldRef: &v1.ObjectFieldSelector{FieldPath: path}}}
}

func TestContainersSeeTheNameThatTheTestKnows(t *testing.T) {
	files := []v1.DownwardAPIVolumeFile{
		{Path: "name", FieldRef: &v1.ObjectFieldSelector{FieldPath: "metadata.name"}},
		{Path: "cpu", ResourceFieldRef: &v1.ResourceFieldSelector{Resource: "limits.cpu"}},
	}
	_, manifest := manifestOf(t, pod("web", func(p *v1.Pod) {
		p.Spec.Containers[0].Env = []v1.EnvVar{
			field("NAME", "metadata.name"), field("UID", "metadata.uid"), field("NAMESPACE", "metadata.namespace"), {Name: "PLAIN"},
		}
		p.Spec.InitContainers = []v1.Container{{Name: "init", Env: []v1.EnvVar{field("NAME", "metadata.name")}}}
		p.Spec.Volumes = []v1.Volume{
			{Name: "info", VolumeSource: v1.VolumeSource{DownwardAPI: &v1.DownwardAPIVolumeSource{Items: files}}},
			{Name: "all", VolumeSource: v1.VolumeSource{Projected: &v1.ProjectedVolumeSource{Sources: []v1.VolumeProjection{
				{DownwardAPI: &v1.DownwardAPIProjection{Items: files}}, {Secret: &v1.SecretProjection{}},
			}}}},
		}
	}))

	name, uid := "metadata.annotations['"+nameAnnotation+"']", "metadata.annotations['"+uidAnnotation+"']"
	env := manifest.Spec.Containers[0].Env
	for i, want := range []string{name, uid, "metadata.namespace"} {
		if got := env[i].ValueFrom.FieldRef.FieldPath; got != want {
			t.Errorf("%s comes from %s, not from %s", env[i].Name, got, want)
		}
	}
	for where, got := range map[string]string{
		"init container":   manifest.Spec.InitContainers[0].Env[0].ValueFrom.FieldRef.FieldPath,
		"volume":           manifest.Spec.Volumes[0].DownwardAPI.Items[0].FieldRef.FieldPath,
		"projected volume": manifest.Spec.Volumes[1].Projected.Sources[0].DownwardAPI.Items[0].FieldRef.FieldPath,
	} {
		if got != name {
			t.Errorf("%s: %s", where, got)
		}
	}
}

func TestHostname(t *testing.T) {
	override := "other"
	long := strings.Repeat("a", 62) + ".b"
	for _, c := range []struct {
		what, name, want string
		change           func(*v1.Pod)
	}{
		{"the name", "web", "web", func(*v1.Pod) {}},
		{"one that is set", "web", "set", func(p *v1.Pod) { p.Spec.Hostname = "set" }},
		{"none with the network of the node", "web", "", func(p *v1.Pod) { p.Spec.HostNetwork = true }},
		{"none beside an override", "web", "", func(p *v1.Pod) { p.Spec.HostnameOverride = &override }},
		{"the name, cut", long, strings.Repeat("a", 62), func(*v1.Pod) {}},
		{"none where a host name has no dots", "web.1", "", func(*v1.Pod) {}},
	} {
		if _, manifest := manifestOf(t, pod(c.name, c.change)); manifest.Spec.Hostname != c.want {
			t.Errorf("%s: %q, not %q", c.what, manifest.Spec.Hostname, c.want)
		}
	}
}
