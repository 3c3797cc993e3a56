/**
 * Requests to a Kubernetes API server: how to reach it, as whom, and what it answers.
 *
 * <p>Knows nothing of nodes or pods. Blocking; calls are for virtual threads. None of its classes is loaded unless there is a
 * kubeconfig.
 */
package io.jubelet.kubeapi;
