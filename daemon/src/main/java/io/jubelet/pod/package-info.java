/**
 * The vocabulary: pods as accepted from a manifest, and their status.
 *
 * <p>Only immutable values and arithmetic on them. This package imports no other package of
 * Jubelet, performs no I/O and reads no clock. Names and meanings are those of the Kubernetes v1
 * Pod.
 */
package io.jubelet.pod;
