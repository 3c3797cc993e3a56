/**
 * What a pod may do, and as whom: turns the securityContexts and namespaces of a pod into what the runtime is told.
 *
 * <p>Comes in: a pod, and the configuration that a pod has which asks for nothing. Goes out: the same with everything that
 * it asks for, or the reason why it cannot be had here. Runs on the pod's worker, and blocks only for pods that need the
 * runtime's word or a file. Never weakens what was asked for: what cannot be enforced is refused.
 */
package io.jubelet.confinement;
