"""The MySQL client/server protocol, as far as StarRocks clients use it."""

from local_warehouse.mysql_wire.listener import MysqlListener

__all__ = ["MysqlListener"]
