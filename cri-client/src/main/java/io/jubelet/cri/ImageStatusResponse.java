package io.jubelet.cri;

import java.util.Map;

/**
 * An image with what the runtime says beside it.
 *
 * @param image null when the runtime has no such image
 * @param info for people: free text by topic, filled only by verbose calls
 */
public record ImageStatusResponse(Image image, Map<String, String> info) {
    public ImageStatusResponse {
        info = Map.copyOf(info);
    }
}
