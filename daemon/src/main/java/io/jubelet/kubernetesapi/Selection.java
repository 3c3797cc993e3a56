/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.pod.LabelSelector;
import java.util.Objects;
import java.util.Optional;

/**
 * Which objects of a kind a client wants.
 *
 * @param namespace empty for those of all namespaces
 */
record Selection(Optional<String> namespace, LabelSelector labels, FieldSelector fields) {

    Selection {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(labels, "labels");
        Objects.requireNonNull(fields, "fields");
    }

    static Selection of(ApiRequest request, Optional<String> namespace) {
        return new Selection(
                namespace,
                labels(request.text("labelSelector", "")),
                FieldSelector.parse(request.text("fieldSelector", "")));
    }

    private static LabelSelector labels(String text) {
        try {
            return LabelSelector.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw ApiError.badRequest("unable to parse labelSelector: " + malformed.getMessage());
        }
    }

    boolean includes(ServedObject object) {
        ServedObject.Metadata metadata = object.metadata();
        return (namespace.isEmpty() || namespace.equals(metadata.name().namespace()))
                && labels.matches(metadata.labels())
                && fields.matches(object.fields());
    }
}
