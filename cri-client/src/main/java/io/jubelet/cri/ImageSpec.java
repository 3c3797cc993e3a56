/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Map;
import java.util.Objects;

/**
 * Identifies an image by reference, or by the id that the runtime has assigned.
 *
 * @param image a reference or an id
 * @param annotations arbitrary metadata, which the runtime stores and returns unchanged
 * @param userSpecifiedImage the reference in the manifest; empty if unknown
 * @param runtimeHandler empty for the default handler
 * @param imageRef set by the runtime only
 */
public record ImageSpec(
        String image,
        Map<String, String> annotations,
        String userSpecifiedImage,
        String runtimeHandler,
        String imageRef) {
    public ImageSpec {
        Objects.requireNonNull(image, "image");
        annotations = Map.copyOf(annotations);
        Objects.requireNonNull(userSpecifiedImage, "userSpecifiedImage");
        Objects.requireNonNull(runtimeHandler, "runtimeHandler");
        Objects.requireNonNull(imageRef, "imageRef");
    }

    /** Returns a specification of only a reference or an id. */
    public static ImageSpec of(String image) {
        return builder().image(image).build();
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link ImageSpec}. A component that is not set is zero, empty or null. */
    public static final class Builder {
        private String image = "";
        private Map<String, String> annotations = Map.of();
        private String userSpecifiedImage = "";
        private String runtimeHandler = "";
        private String imageRef = "";

        private Builder() {}

        public Builder image(String value) {
            this.image = value;
            return this;
        }

        public Builder annotations(Map<String, String> value) {
            this.annotations = value;
            return this;
        }

        public Builder userSpecifiedImage(String value) {
            this.userSpecifiedImage = value;
            return this;
        }

        public Builder runtimeHandler(String value) {
            this.runtimeHandler = value;
            return this;
        }

        public Builder imageRef(String value) {
            this.imageRef = value;
            return this;
        }

        public ImageSpec build() {
            return new ImageSpec(image, annotations, userSpecifiedImage, runtimeHandler, imageRef);
        }
    }
}
