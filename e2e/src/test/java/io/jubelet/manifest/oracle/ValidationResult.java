/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest.oracle;

import io.jubelet.e2e.ApiAnswer;
import io.jubelet.e2e.ApiServerUnderTest;
import io.jubelet.manifest.ConfigObjects;
import io.jubelet.manifest.ManifestFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of validating a pod.
 *
 * @param objections empty when the pod is accepted
 * @param pod the accepted pod with its defaults: a {@link io.jubelet.pod.Pod} of Jubelet, or a {@link Tree} of the API server
 */
record ValidationResult(List<Objection> objections, Object pod) {

    /**
     * One error of a pod.
     *
     * @param field its path, such as {@code spec.containers[0].name}; empty for the pod as a whole
     */
    record Objection(String field, String message) {

        @Override
        public String toString() {
            return field + ": " + message;
        }
    }

    boolean accepted() {
        return objections.isEmpty();
    }

    /** Ours. */
    static ValidationResult ours(String pod) {
        ManifestFile file = ManifestFile.parse(pod.getBytes(StandardCharsets.UTF_8), "/oracle.json", "node1");
        List<Objection> objections = new ArrayList<>();
        file.errors()
                .forEach(error -> objections.add(new Objection(error.field().orElse(""), error.message())));
        Object object = file.pods().isEmpty()
                ? ConfigObjects.first(file).orElse(null)
                : file.pods().getFirst();
        return new ValidationResult(objections, object);
    }

    /**
     * The result of a dry run on an API server, which does not store the object.
     *
     * @param plural the plural name of the kind in paths of the API
     */
    static ValidationResult theirs(ApiServerUnderTest server, String plural, String pod) throws IOException {
        String namespace = Tree.text(Tree.read(pod), "metadata.namespace");
        boolean usable = namespace != null && namespace.matches("[a-z0-9-]+");
        String all = "/api/v1/namespaces/" + (usable ? namespace : "default") + "/" + plural;
        ApiAnswer answer = server.send("POST", all + "?dryRun=All&fieldValidation=Strict", pod);
        Object body = Tree.read(answer.body());
        if (answer.code() == 201) {
            return new ValidationResult(List.of(), body);
        }
        if (answer.code() != 400 && answer.code() != 422) {
            throw new IOException(answer.code() + " " + answer.body());
        }
        List<Objection> objections = new ArrayList<>();
        for (int i = 0; Tree.get(body, "details.causes[" + i + "]") != null; i++) {
            String cause = "details.causes[" + i + "].";
            String field = Tree.text(body, cause + "field");
            objections.add(new Objection(field == null ? "" : field, Tree.text(body, cause + "message")));
        }
        if (objections.isEmpty()) {
            objections.add(new Objection("", Tree.text(body, "message")));
        }
        return new ValidationResult(objections, null);
    }
}
