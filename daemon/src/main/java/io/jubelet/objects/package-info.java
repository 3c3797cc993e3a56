/**
 * What is known of pods and events as objects of the Kubernetes API, in JSON.
 *
 * <p>In come reports and events; out goes text. Whoever serves or sends objects, the local API or the part that talks to an
 * API server, has them written here. Pure.
 */
package io.jubelet.objects;
