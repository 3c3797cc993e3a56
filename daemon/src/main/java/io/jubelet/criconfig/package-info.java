/**
 * A pod's spec in, the configuration messages of the CRI out.
 */
package io.jubelet.criconfig;
