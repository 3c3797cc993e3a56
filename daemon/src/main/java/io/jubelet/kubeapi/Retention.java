/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

/**
 * Decides which objects of a collection a {@link Reflector} keeps if they are too many. Safe for use
 * by many threads.
 *
 * @param <T> what is kept of an object
 */
public interface Retention<T> {

    /** Returns about how many bytes an object occupies in memory; positive. */
    int weight(T object);

    /** Returns whether an object is kept even if others fill the limit. */
    boolean isRequired(T object);

    /** Returns how many bytes required objects may occupy beyond the limit of the others. */
    default long maxRequiredWeight() {
        return KeptObjects.MAX_REQUIRED_WEIGHT;
    }
}
