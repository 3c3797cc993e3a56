/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.pod.EnvVar;
import io.jubelet.pod.Pod;
import java.io.IOException;

/** Resolves facts about a pod that files in its volumes contain. */
public interface PodFacts {

    /**
     * A field or resource of a pod as text.
     *
     * @throws IOException if there is no such field or resource; the message is for the user
     */
    String value(Pod pod, EnvVar.Source source) throws IOException;
}
