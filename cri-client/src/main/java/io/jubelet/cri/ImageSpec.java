package io.jubelet.cri;

import java.util.Map;
import java.util.Objects;

/**
 * Names an image: by reference, or by the id the runtime gave it.
 *
 * @param image a reference, or an id
 * @param annotations free text, stored and given back unchanged
 * @param userSpecifiedImage what the user wrote; empty when unknown
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

    /** An image by reference or id, and nothing else said about it. */
    public static ImageSpec of(String image) {
        return builder().image(image).build();
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link ImageSpec}: one setter per component; what is not set is zero, empty or null. */
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
