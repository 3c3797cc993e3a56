/**
 * Reads the kubelet's configuration file.
 *
 * <p>Called once at start. Knows the field names of KubeletConfiguration and nothing of what they do.
 */
package io.jubelet.config;
