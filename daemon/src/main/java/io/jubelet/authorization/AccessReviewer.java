/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.authorization;

import io.jubelet.document.FieldSelection;
import io.jubelet.kubeapi.ApiObject;

/**
 * Creates a review object, such as a TokenReview, at the API server and returns it with its status.
 */
@FunctionalInterface
public interface AccessReviewer {

    /** The fields of a review that are read. */
    FieldSelection WANTED = FieldSelection.NOTHING.with("status");

    /**
     * Creates a review.
     *
     * @param path of the collection
     * @param object the review in JSON
     * @throws io.jubelet.kubeapi.KubeApiException when the API server is unreachable or answers
     *     with an error
     */
    ApiObject create(String path, String object) throws InterruptedException;
}
