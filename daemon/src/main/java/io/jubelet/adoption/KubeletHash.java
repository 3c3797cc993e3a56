/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.adoption;

import io.jubelet.document.JsonText;
import java.nio.charset.StandardCharsets;

/**
 * The hash by which a kubelet sees whether a container is the one of its manifest, in the annotation
 * {@code io.kubernetes.container.hash}: FNV-1a, in 32 bits, of the text that Go's formatter makes of the JSON with image and
 * name. Source: {@code HashContainer} of the kubelet, unchanged from 1.31 to 1.37.
 */
final class KubeletHash {

    private static final int OFFSET = 0x811c9dc5;
    private static final int PRIME = 0x01000193;

    private KubeletHash() {}

    /** The value of the annotation for a container with this name and image, as written in the manifest. */
    static String of(String name, String image) {
        String json = JsonText.write(out -> {
                    out.writeStartObject();
                    out.writeStringField("image", image);
                    out.writeStringField("name", name);
                    out.writeEndObject();
                })
                // Go escapes these for HTML.
                .replace("&", "\\u0026")
                .replace("<", "\\u003c")
                .replace(">", "\\u003e");
        StringBuilder text = new StringBuilder("([]uint8)[");
        String between = "";
        for (byte each : json.getBytes(StandardCharsets.UTF_8)) {
            text.append(between).append(Byte.toUnsignedInt(each));
            between = " ";
        }
        int hash = OFFSET;
        for (byte each : text.append(']').toString().getBytes(StandardCharsets.US_ASCII)) {
            hash = (hash ^ each) * PRIME;
        }
        return Integer.toHexString(hash);
    }
}
