/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** Writes objects into a string, for callers that send them as a whole. */
public final class ObjectText {

    private static final JsonFactory FACTORY = new JsonFactory();

    private ObjectText() {}

    /** Writes one JSON value. */
    @FunctionalInterface
    public interface Writing {
        void to(JsonGenerator out) throws IOException;
    }

    /** Returns the JSON text that {@code writing} writes. */
    public static String of(Writing writing) {
        StringWriter text = new StringWriter(1024);
        try (JsonGenerator out = FACTORY.createGenerator(text)) {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }
}
