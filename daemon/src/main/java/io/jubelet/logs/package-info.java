/**
 * Reads and rotates the logs of containers.
 */
package io.jubelet.logs;
