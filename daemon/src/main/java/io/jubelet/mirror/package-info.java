/**
 * Mirror pods: reports of static pods in, requests to the API server out.
 *
 * <p>{@code MirrorPlanner} is pure; {@code MirrorPodManager} executes its requests, one at a time for each pod.
 */
package io.jubelet.mirror;
