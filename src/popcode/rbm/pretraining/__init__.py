"""A first model from the few directions along which a recording's states lie apart."""

from popcode.rbm.pretraining.pretrain import Pretrained, pretrained

__all__ = ["Pretrained", "pretrained"]
