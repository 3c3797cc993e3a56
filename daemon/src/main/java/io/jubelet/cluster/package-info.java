/**
 * What a cluster sees of this node and its static pods: the Node and its lease, mirror pods, events.
 *
 * <p>A reader of the status board like any other: pods start, run and heal the same whatever happens here. Each concern has a
 * loop of its own, so that an API server that refuses one thing does not keep another from it. The word mirror lives only here.
 * No class of this package is loaded without a kubeconfig.
 */
package io.jubelet.cluster;
