/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

/** Why an image is not available. The constants are the reasons that the kubelet gives. */
public enum ImageError implements WaitingCause {
    /** A pull failed. */
    ErrImagePull,
    /** A pull failed more than once, and the next attempt is due after a back-off. */
    ImagePullBackOff,
    /** The image is not on the node, and its pull policy is Never. */
    ErrImageNeverPull,
    /** The name of the image cannot be parsed. */
    InvalidImageName,
    /** The runtime failed to report whether the image is on the node. */
    ImageInspectError,
    /** The registry did not respond. */
    RegistryUnavailable,
    /** The signature of the image was not accepted. */
    SignatureValidationFailed
}
