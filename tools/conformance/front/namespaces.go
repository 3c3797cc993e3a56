// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"log"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const cleaningInterval = time.Second

// namespaceCleaner empties and finalizes deleted namespaces, which a cluster's controller manager would do.
type namespaceCleaner struct {
	*bridge
}

func (c namespaceCleaner) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := c.cleanAll(ctx); err != nil && ctx.Err() == nil {
			log.Printf("namespaces: %v", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(cleaningInterval):
		}
	}
}

func (c namespaceCleaner) cleanAll(ctx context.Context) error {
	// Before the namespaces, so that none of them is newer.
	configs, err := c.files.list(configMapFile, secretFile)
	if err != nil {
		return err
	}
	namespaces, err := c.client.Namespaces().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	existing := map[string]bool{}
	for _, namespace := range namespaces.Items {
		existing[namespace.Name] = true
		if namespace.Status.Phase != v1.NamespaceTerminating {
			continue
		}
		failed := c.clean(ctx, &namespace)
		if failed != nil && !apierrors.IsNotFound(failed) && !apierrors.IsConflict(failed) {
			err = errors.Join(err, failed)
		}
	}
	// A controller manager, if there is one, finalizes them as well.
	for _, config := range configs {
		if !existing[config.namespace] {
			_, failed := c.files.remove(config.kind, config.namespace, config.name)
			err = errors.Join(err, failed)
		}
	}
	return err
}

func (c namespaceCleaner) clean(ctx context.Context, namespace *v1.Namespace) error {
	pods, err := c.client.Pods(namespace.Name).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, pod := range pods.Items {
		// The node deletes its mirror pods when they have ended.
		if pod.DeletionTimestamp == nil && pod.Annotations[v1.MirrorPodAnnotationKey] == "" {
			err = errors.Join(err, c.client.Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{}))
		}
	}
	if err != nil || len(pods.Items) > 0 {
		return err
	}
	// Only now, because a pod that stops may still use them.
	all := metav1.ListOptions{}
	if err := errors.Join(
		c.client.ConfigMaps(namespace.Name).DeleteCollection(ctx, metav1.DeleteOptions{}, all),
		c.client.Secrets(namespace.Name).DeleteCollection(ctx, metav1.DeleteOptions{}, all),
	); err != nil {
		return err
	}
	finalized := namespace.DeepCopy()
	finalized.Spec.Finalizers = nil
	_, err = c.client.Namespaces().Finalize(ctx, finalized, metav1.UpdateOptions{})
	return err
}
