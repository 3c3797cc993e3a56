/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import java.util.List;
import java.util.Objects;

/**
 * What an API server said.
 *
 * @param code the status code of HTTP
 * @param body as it came; of objects and statuses it is JSON
 */
public record ApiAnswer(int code, String body) {

    public ApiAnswer {
        Objects.requireNonNull(body, "body");
    }

    /** Whether it is a success. */
    public boolean ok() {
        return code / 100 == 2;
    }

    /** The body as an object. */
    JsonObject object() {
        Findings findings = new Findings();
        Node node = Documents.readJson(body, findings);
        if (!(node instanceof Node.Mapping mapping)) {
            throw new IllegalStateException("no JSON object: " + code + " " + body);
        }
        return new JsonObject(mapping);
    }

    /** The objects of the list that is the body. */
    List<JsonObject> items() {
        return object().objects("items");
    }

    @Override
    public String toString() {
        return code + " " + body;
    }
}
